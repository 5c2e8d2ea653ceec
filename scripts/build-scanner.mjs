// Compiles the modules written in AssemblyScript and writes each, as base64, into the module.ts next to its source
// folder. The generated files are committed, so that building ccsess needs no compiler for them; a test checks that
// they are up to date.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The modules: source, generated file, and the name and description of the constant in it. */
export const MODULES = [
  {
    source: 'src/transcript/scanner/assembly/scan.ts',
    target: 'src/transcript/scanner/module.ts',
    name: 'SCANNER_MODULE',
    description: 'The compiled line scanner, base64.',
  },
  {
    source: 'src/transcript/scanner/assembly/find-last.ts',
    target: 'src/transcript/scanner/find-last-module.ts',
    name: 'FIND_LAST_MODULE',
    description: 'The compiled search for the last position of a pattern, base64.',
  },
  {
    source: 'src/search/raw/assembly/find.ts',
    target: 'src/search/raw/module.ts',
    name: 'FINDER_MODULE',
    description: 'The compiled search in raw bytes, base64.',
  },
];

/**
 * Compiles a module and returns the text of its module.ts. Throws with the compiler's words when it does not compile.
 */
export async function compiledModule({ source, name, description }) {
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main(
    [
      source,
      '--outFile',
      'scan.wasm',
      '-O3',
      '--noAssert',
      '--enable',
      'simd',
      '--runtime',
      'stub',
      '--initialMemory',
      '2',
      '--use',
      'abort=',
    ],
    {
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const base64 = Buffer.from(binary)
    .toString('base64')
    .replace(/.{1,110}/g, "  '$&' +\n")
    .replace(/ \+\n$/, ';\n');
  const file = source.slice(source.indexOf('assembly/'));
  return (
    `// Generated from ${file} by \`npm run build:scanner\`; do not edit.\n\n/** ${description} */\n` +
    `export const ${name} =\n${base64}`
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const module of MODULES)
    await writeFile(new URL(`../${module.target}`, import.meta.url), await compiledModule(module));
}
