/** A module written in AssemblyScript. */
export interface CompiledModule {
  source: string;
  target: string;
  name: string;
  description: string;
}
/** The modules that are compiled. */
export const MODULES: readonly CompiledModule[];
/**
 * Compiles a module and returns the text of its module.ts. Rejects with the compiler's words when it does not compile.
 */
export function compiledModule(module: CompiledModule): Promise<string>;
