// Builds dist/: a code-split bundle for the program and the library, and types. Run by `npm install` (prepare).
import { rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const { version } = require('../package.json');

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts', 'src/index.ts', 'src/session-index/worker.ts'],
  outdir: 'dist',
  outbase: 'src',
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { CCSESS_VERSION: JSON.stringify(version) },
  // CommonJS dependencies (commander, cli-table3, fast-glob) ask for Node's modules with require.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--emitDeclarationOnly'], { stdio: 'inherit' });
