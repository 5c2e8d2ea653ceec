declare const CCSESS_VERSION: string | undefined;

/** The package's version, put in by the build; `0.0.0` where the sources run unbuilt. */
export const VERSION: string = typeof CCSESS_VERSION === 'string' ? CCSESS_VERSION : '0.0.0';
