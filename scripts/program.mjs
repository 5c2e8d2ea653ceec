// Builds the program. In one scope, thousands of functions would have to be set up at every start, so the modules are
// divided into chunks: functions that run when something of them is needed for the first time. Chunks of the common
// commands are in dist/main.cjs, all others in dist/rest.cjs, which is read only if one of them is needed.
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';

/** Modules in main.cjs: lazily imported ones of the commands that run most, with all that these import statically. */
const COMMON = [
  'src/main.ts',
  'src/cli/make-context.ts',
  'src/cli/help-examples.ts',
  'src/cli/commands/list.ts',
  'src/cli/commands/list/table.ts',
  'src/cli/commands/show.ts',
  'src/cli/commands/statusline.ts',
  'src/cli/commands/list/nothing.ts',
  'src/cli/render/text/wrap.ts',
  'src/cli/terminal/stdin.ts',
  'src/claude/live/holders.ts',
  'src/session-index/open.ts',
  'src/session-index/refresh/read-into-segments.ts',
  'src/session-index/refresh/threads.ts',
  'src/session-index/touched/collect-paths.ts',
  'src/sessions/select/project-filter.ts',
  'src/system/git/worktrees.ts',
  'src/usage/session-costs.ts',
  'src/usage/prices/price-file.ts',
  'node_modules/cli-table3/index.js',
  'node_modules/commander/esm.mjs',
];

/** The statements that connect chunks, as esbuild writes them. */
const STATEMENTS = new RegExp(
  [
    /^import (?:(?:(?:\* as )?(?<whole>[\w$]+)|\{(?<imported>[^}]*)\}) from )?"(?<path>[^"]+)";$/,
    /^export \{(?<exported>[^}]*)\};$/,
    /^export default (?<value>[\w$]+\(\));$/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gm',
);

/** Builds dist/main.cjs and dist/rest.cjs with esbuild's `options`. Resolves to the description of what is in them. */
export async function buildProgram({ plugins, ...options }) {
  const { outputFiles, metafile } = await build({
    ...options,
    plugins,
    format: 'esm',
    splitting: true,
    write: false,
    sourcemap: 'inline',
    minifyWhitespace: false,
    entryPoints: ['src/main.ts'],
    // Replaced by an object that computes the URL of the file when it is used, which is rare.
    define: { ...options.define, 'import.meta.url': 'fileUrl' },
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const common = commonChunks(metafile.outputs);
  const [main, rest] = [[...common], [...texts.keys()].filter((path) => !common.has(path))];
  const start = basename(chunkOf(metafile.outputs, 'src/main.ts'));
  await Promise.all([
    buildFile('main', `${listed(main)} chunks[${JSON.stringify(start)}]();`, { texts, own: common, options }),
    buildFile('rest', listed(rest), { texts, own: new Set(rest), options }),
  ]);
  return metafile;
}

/** The paths of the chunks with `COMMON` modules, and of those that they import statically. */
function commonChunks(outputs) {
  const paths = new Set();
  const add = (path) => {
    if (outputs[path] === undefined || paths.has(basename(path))) return;
    paths.add(basename(path));
    for (const each of outputs[path].imports) if (each.kind === 'import-statement') add(each.path);
  };
  for (const module of COMMON) add(chunkOf(outputs, module));
  return paths;
}

function chunkOf(outputs, module) {
  const found = Object.keys(outputs).find((path) => outputs[path].entryPoint === module);
  if (found === undefined) throw new Error(`${module} is not imported lazily, or not at all`);
  return found;
}

/** Code that registers chunks in the table that both files share. */
function listed(paths) {
  const members = paths.map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`./${path}`)})`);
  return `Object.assign(chunks, { ${members.join(', ')} });`;
}

/** Writes `dist/NAME.cjs`, one function, which runs `code` and contains the chunks `own`. */
async function buildFile(name, code, { texts, own, options }) {
  await build({
    ...options,
    entryPoints: [name],
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    // Less to load at every start; `--debug` finds the names in the map.
    minifyIdentifiers: true,
    supported: { 'dynamic-import': false },
    // Replaces Node's wrapper of a CommonJS file, since bin/ccsess.js runs this one.
    banner: {
      js:
        '(function (require, __filename, chunks, runFile) { "use strict"; const fileUrl = { toString: () => ' +
        "require('node:url').pathToFileURL(__filename).href };" +
        "const elsewhere = (name) => { if (!(name in chunks)) runFile('rest.cjs', chunks); " +
        // An update may have replaced the file since main.cjs was read.
        "if (!(name in chunks)) throw new Error('dist/rest.cjs is of another build; install ccsess again'); " +
        'return chunks[name](); };',
    },
    footer: { js: '})' },
    plugins: [
      {
        name: 'chunks',
        setup(builder) {
          builder.onResolve({ filter: /.*/ }, ({ path, kind }) => {
            if (kind === 'entry-point') return { path, namespace: 'entry' };
            const chunk = basename(path);
            if (!texts.has(chunk)) return { path, external: true };
            return own.has(chunk) ? { path: resolve('dist', chunk) } : { path: chunk, namespace: 'elsewhere' };
          });
          builder.onLoad({ filter: /.*/, namespace: 'entry' }, () => ({ contents: code, resolveDir: resolve('dist') }));
          builder.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) => ({
            contents: asCommonJs(texts.get(basename(path))),
          }));
          builder.onLoad({ filter: /.*/, namespace: 'elsewhere' }, ({ path }) => ({
            contents: `module.exports = elsewhere(${JSON.stringify(path)});`,
          }));
        },
      },
    ],
  });
}

/** A chunk as a CommonJS module. Each statement keeps its number of lines, so that the source map still fits. */
function asCommonJs(text) {
  return asAscii(text).replace(STATEMENTS, (statement, ...matched) => {
    const { whole, imported, path, exported, value } = matched.at(-1);
    const lines = '\n'.repeat(statement.split('\n').length - 1);
    if (value !== undefined) return `Object.assign(exports, { __esModule: true, default: ${value} });`;
    if (exported !== undefined) {
      requireConstant(text, exported);
      return `Object.assign(exports, { __esModule: true, ${pairs(exported, (a, b) => [b, a])} });${lines}`;
    }
    if (whole !== undefined) return `var ${whole} = require("${path}");`;
    // Modules of src/ have no side effects on import, so an import without names is left out.
    if (imported === undefined) return '';
    return `var { ${pairs(imported, (a, b) => [a, b])} } = require("${path}");${lines}`;
  });
}

/** Escapes characters beyond ASCII, which esbuild leaves in regular expressions: bin/ccsess.js reads only ASCII. */
function asAscii(text) {
  return text.replace(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Throws if an exported variable is assigned again: other chunks keep the value that it had after loading. */
function requireConstant(text, exported) {
  for (const name of exported.split(',').map((each) => each.trim().split(' as ')[0])) {
    const isFunction = new RegExp(`^(?:async )?function\\*? ${name.replaceAll('$', '\\$')}\\(`, 'm');
    const assigned = new RegExp(
      `(?<![.\\w$])${name.replaceAll('$', '\\$')}(?: ?[-+*/%&|^?<>]{0,3}=(?![=>])|\\+\\+|--)`,
      'g',
    );
    const times = [...text.matchAll(assigned)].length;
    if (name !== '' && times > (isFunction.test(text) ? 0 : 1)) throw new Error(`${name} is exported and set again`);
  }
}

/** `a, b as c` as the members `a: a, b: c`; `order` puts each in order. */
function pairs(names, order) {
  return names
    .split(',')
    .map((name) => name.trim().split(' as '))
    .filter(([first]) => first !== '')
    .map(([first, second = first]) => order(first, second).join(': '))
    .join(', ');
}
