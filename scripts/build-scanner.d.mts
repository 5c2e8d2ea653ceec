/** Compiles the scanner and returns the text of module.ts. */
export function scannerModule(): Promise<string>;
