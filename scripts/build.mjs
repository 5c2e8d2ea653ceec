// Builds dist/: the program (one CommonJS file), what its threads run, the
// library (a code-split bundle), its types, and the licences of what is bundled. Run by `npm install` (prepare).
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { buildProgram } from './program.mjs';
import { bundledPackages, noticesFor } from './notices.mjs';
import { bundleTypes } from './types.mjs';

const require = createRequire(import.meta.url);
const { version } = require('../package.json');

const common = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  // Source maps name lines of the sources, and do not need their text for that.
  sourcesContent: false,
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  // Licences are in dist/THIRD-PARTY-NOTICES instead.
  legalComments: 'none',
  logLevel: 'warning',
  // Half a megabyte of prices, which few commands need.
  external: ['@pydantic/genai-prices'],
};
const define = { CCSESS_VERSION: JSON.stringify(version) };

/**
 * Modules of Node that much code imports but few commands use, and that take milliseconds to load. They are loaded at
 * their first use.
 */
const lazyModules = {
  name: 'lazy modules of node',
  setup(build) {
    const names = /^node:(child_process|crypto|module|v8|worker_threads)$/;
    build.onResolve({ filter: names }, ({ path, namespace }) =>
      namespace === 'lazy' ? { path, external: true } : { path, namespace: 'lazy' },
    );
    build.onLoad({ filter: names, namespace: 'lazy' }, ({ path }) => ({
      contents: Object.keys(require(path))
        .map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('${path}').${name} });`,
        )
        .join('\n'),
    }));
  },
};

/**
 * Chalk examines the terminal itself, with modules larger than Chalk: left out, since the context passes the colours.
 */
const noColorDetection = {
  name: 'no colour detection',
  setup(build) {
    build.onResolve({ filter: /^#supports-color$/ }, ({ path }) => ({ path, namespace: 'none' }));
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents: 'export default { stdout: false, stderr: false };',
    }));
  },
};

/**
 * The segmenter of string-width takes as long to create as the rest of a start, and measures only texts that are not
 * simple (src/tui/simple-width.ts). It is created at its first use.
 */
const lateSegmenter = {
  name: 'late segmenter',
  setup(build) {
    build.onLoad({ filter: /[/\\]string-width[/\\]index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const made = 'const segmenter = new Intl.Segmenter();';
      // Older releases, which other packages depend on, have no segmenter.
      if (text.includes('Segmenter') && !text.includes(made)) throw new Error(`${path}: no '${made}'`);
      const late = 'let made; const segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };';
      return { contents: text.replace(made, late) };
    });
  },
};

/** Keeps RE2, which few searches use, in a file of its own; `path` is that file, relative to the requiring one. */
const separateRe2 = (path) => ({
  name: 're2 apart',
  setup(build) {
    build.onResolve({ filter: /^re2js$/ }, () => ({ path, external: true }));
  },
});

await rm('dist', { recursive: true, force: true });
const [program, ...bundles] = await Promise.all([
  // bin/ccsess.js passes its own `require` to the program.
  buildProgram({
    ...common,
    define,
    plugins: [lazyModules, noColorDetection, lateSegmenter, separateRe2('../dist/re2.cjs')],
  }),
  // As CommonJS, since a thread starts such a file sooner as well.
  build({
    ...common,
    entryPoints: { worker: 'src/session-index/refresh/worker.ts', 'search-worker': 'src/search/run/worker.ts' },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [separateRe2('./re2.cjs')],
  }),
  build({
    ...common,
    entryPoints: { re2: 're2js' },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minifyIdentifiers: true,
    sourcemap: false,
  }),
  build({
    ...common,
    entryPoints: ['src/index.ts'],
    chunkNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    define,
    // CommonJS dependencies (cli-table3, fast-glob) load Node's modules with `require`.
    banner: {
      js:
        "import { createRequire as __createRequire } from 'node:module'; const require = " +
        '__createRequire(import.meta.url);',
    },
  }),
]);
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--emitDeclarationOnly'], { stdio: 'inherit' });
bundleTypes('dist/types', 'dist/index.d.ts');
// The scanner is compiled with AssemblyScript, and contains parts of its standard library.
const packages = [
  ...bundledPackages([program, ...bundles.map(({ metafile }) => metafile)]),
  'node_modules/assemblyscript',
];
await writeFile('dist/THIRD-PARTY-NOTICES', noticesFor(packages));
