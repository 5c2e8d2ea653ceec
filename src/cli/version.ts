declare const CCSESS_VERSION: string | undefined;

/** Version of the package, inserted by the build; `0.0.0` in unbuilt sources. */
export const VERSION: string = typeof CCSESS_VERSION === 'string' ? CCSESS_VERSION : '0.0.0';
