// Compiles the line scanner (AssemblyScript) and writes it, as base64, into src/transcript/scanner/module.ts.
// That file is committed, so that building ccsess needs no compiler for it; a test holds the two together.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const source = 'src/transcript/scanner/assembly/scan.ts';
const target = new URL('../src/transcript/scanner/module.ts', import.meta.url);

/** Compiles the scanner and returns the text of module.ts. Throws with the compiler's words when it does not compile. */
export async function scannerModule() {
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
  return `// Generated from assembly/scan.ts by \`npm run build:scanner\`; do not edit.\n\n/** The compiled line scanner, base64. */\nexport const SCANNER_MODULE =\n${base64}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, await scannerModule());
