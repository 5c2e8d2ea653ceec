import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** The modules of src/, each importing only from those after it. */
const MODULES = [
  'cli',
  'tui',
  'library',
  'sessions',
  'checkpoints',
  'retention',
  'usage',
  'search',
  'session-index',
  'transcript',
  'claude',
  'redaction',
  'grammar',
  'system',
];
/** Folders with one file per command. */
const ONE_FILE_PER_COMMAND = ['src/cli/commands', 'src/cli/render'];
/** Functions that a command exports in addition to its three, by file. */
const FOR_OTHERS: Readonly<Record<string, readonly string[]>> = {
  // The picker and the viewer fork a session without flags.
  'fork.ts': ['forkOptions'],
  // ccsess without a command.
  'pick.ts': ['browse'],
  // The picker and reopen resume a session without flags.
  'resume.ts': ['resumeOptions'],
};
const MAX_FILES_PER_FOLDER = 14;
const MAX_LINES = 300;
const MAX_COLUMNS = 120;
/** Files that may pass the limit of lines, and why. */
const MAY_HAVE_MORE_LINES: ReadonlyMap<string, string> = new Map([
  ['src/usage/prices/anthropic-models.ts', 'written by scripts/build-prices.mjs'],
]);
/** Files that may pass the limit of columns, and why. */
const MAY_HAVE_WIDE_LINES: ReadonlyMap<string, string> = new Map([
  ['test/integration/recorded.truth.ts', 'records of recorded sessions, prompts and all'],
  ['test/integration/list/terminal.test.ts', 'draws a screen of 142 columns'],
  ['test/integration/log/output.test.ts', 'has a page as it is printed'],
]);
const TERMINAL_LIBRARIES = ['commander', 'chalk', 'cli-table3'];
/**
 * The files of the core that may use `process`: the one that asks the operating system about processes, and the
 * defaults of the library.
 */
const PROCESS = ['src/system/system.ts', 'src/library/context.ts'];
const OLDEST_NODE = [20, 19, 0];

const sources = filesBelow('src')
  .filter((path) => path.endsWith('.ts') && !path.includes('/assembly/'))
  .map((path) => parse(path));

describe('the modules of src/', () => {
  it('are all known, and hold every file but main.ts and index.ts', () => {
    const modules = new Set(sources.map(({ path }) => moduleOf(path)));
    expect([...modules].filter((module) => module !== null && !MODULES.includes(module))).toEqual([]);
    expect(
      sources
        .filter(({ path }) => moduleOf(path) === null)
        .map(({ path }) => path)
        .filter((path) => !['src/main.ts', 'src/index.ts'].includes(path)),
    ).toEqual([]);
  });

  it('all exist', () => {
    expect(MODULES.filter((module) => !existsSync(join(root, 'src', module)))).toEqual([]);
  });

  it('hold at most 14 files a folder', () => {
    const counts = new Map<string, number>();
    for (const path of filesBelow('src')) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    const crowded = [...counts].filter(([, files]) => files > MAX_FILES_PER_FOLDER).map(([folder]) => folder);
    expect(crowded.filter((folder) => !ONE_FILE_PER_COMMAND.includes(folder))).toEqual([]);
  });

  it('import only downwards', () => {
    expect(
      sources.flatMap((source) =>
        source.imports
          .filter((to) => to.startsWith('src/'))
          .filter((to) => rank(to) < rank(source.path))
          .map((to) => `${source.path} → ${to}`),
      ),
    ).toEqual([]);
  });

  it('have no import cycles, types included', () => {
    const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
    expect(sources.map(({ path }) => circleFrom(path, graph)).filter((circle) => circle !== null)).toEqual([]);
  });

  it('import files that exist, with their ending', () => {
    expect(
      sources.flatMap(({ path, imports }) =>
        imports.filter((to) => to.startsWith('src/') && !existsSync(join(root, to))).map((to) => `${path} → ${to}`),
      ),
    ).toEqual([]);
  });

  it('keep the terminal out of the core', () => {
    const core = sources.filter(({ path }) => !['cli', null].includes(moduleOf(path)));
    expect(
      core.flatMap(({ path, imports }) =>
        imports.filter((to) => TERMINAL_LIBRARIES.includes(to) || to === 'node:process').map((to) => `${path} → ${to}`),
      ),
    ).toEqual([]);
    expect(
      core
        .filter(({ path }) => !PROCESS.includes(path))
        .flatMap((source) => findings(source, (node) => isGlobal(node, 'process'))),
    ).toEqual([]);
  });
});

describe('every command', () => {
  const commands = sources.filter(({ path }) => dirname(path) === 'src/cli/commands');
  const functionsOf = ({ tree }: Source) =>
    tree.statements.filter(ts.isFunctionDeclaration).filter((node) => isExportedDeclaration(node));

  it('exports define, read…Options and run…, and nothing else except for the modules in FOR_OTHERS', () => {
    const exported = commands.map((command) => {
      const names = functionsOf(command).map(({ name }) => name?.text ?? '');
      const others = FOR_OTHERS[basename(command.path)] ?? [];
      return [command.path, names.filter((name) => !others.includes(name)).map((name) => name.toLowerCase())];
    });
    const expected = commands.map(({ path }) => {
      const name = basename(path, '.ts');
      return [path, ['define', `read${name}options`, `run${name}`]];
    });
    expect(exported.map(([path, names]) => [path, [...(names ?? [])].sort()])).toEqual(expected);
  });

  it('exports all functions that FOR_OTHERS names', () => {
    const names = commands.flatMap(functionsOf).map(({ name }) => name?.text ?? '');
    expect(Object.values(FOR_OTHERS).filter((others) => others.some((name) => !names.includes(name)))).toEqual([]);
  });

  it('is run with options and the context, never with flags', () => {
    const runs = commands.flatMap(functionsOf).filter(({ name }) => name?.text.startsWith('run') === true);
    const types = runs.map(({ parameters }) => parameters.map(({ type }) => type?.getText() ?? ''));
    expect(types.filter(([options = '', context]) => /Flags?\b/.test(options) || context !== 'Context')).toEqual([]);
  });
});

describe('every file of src/', () => {
  it('prints nothing by itself, and leaves ending the process to main.ts', () => {
    expect(sources.flatMap((source) => findings(source, (node) => isGlobal(node, 'console')))).toEqual([]);
    expect(
      sources
        .filter(({ path }) => path !== 'src/main.ts')
        .flatMap((source) =>
          findings(source, (node) => ts.isPropertyAccessExpression(node) && node.getText() === 'process.exit'),
        ),
    ).toEqual([]);
  });

  it('says what each export guarantees in a doc comment', () => {
    expect(
      sources.flatMap((source) =>
        findings(source, (node) => isExportedDeclaration(node) && !hasDocComment(node) && !isNamesOfList(node)),
      ),
    ).toEqual([]);
  });

  it('has named exports only, no `any` and no enum', () => {
    const isDefault = (node: ts.Node) =>
      ts.isExportAssignment(node) ||
      (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isSourceFile(node.parent.parent));
    expect(
      sources.flatMap((source) =>
        findings(
          source,
          (node) => isDefault(node) || node.kind === ts.SyntaxKind.AnyKeyword || ts.isEnumDeclaration(node),
        ),
      ),
    ).toEqual([]);
  });

  it('fits in 300 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > MAX_LINES + 1).map(({ path }) => path);
    expect(long.filter((path) => !MAY_HAVE_MORE_LINES.has(path))).toEqual([]);
  });

  it('takes date-fns by subpath, since its main module takes 120 ms to load', () => {
    expect(sources.filter(({ imports }) => imports.includes('date-fns')).map(({ path }) => path)).toEqual([]);
  });
});

describe('the repository', () => {
  const texts = ['.ci', 'bench', 'bin', 'docs', 'fixtures', 'scripts', 'src', 'test', 'torture']
    .flatMap((folder) => (existsSync(join(root, folder)) ? filesBelow(folder) : []))
    .concat(
      readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    )
    .filter(
      (path) =>
        /(\.(md|ts|js|mjs|json|jsonl|txt)|\/run|\.npmrc|LICENSE)$/.test(path) && !path.startsWith('bench/corpus/'),
    )
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

  it('has code of at most 120 columns, that in docs/library.md included', () => {
    const isCode = (path: string): boolean => /\.(?:ts|js|mjs)$/.test(path) && !/^fixtures|\/assembly\//.test(path);
    const wide = texts
      .filter(({ path }) => (isCode(path) || path === 'docs/library.md') && !MAY_HAVE_WIDE_LINES.has(path))
      .flatMap(({ path, text }) => {
        const code = isCode(path) ? text : [...text.matchAll(/^```ts\n[\s\S]*?^```/gm)].join('\n');
        return code.split('\n').flatMap((line) => ([...line].length > MAX_COLUMNS ? [`${path}: ${line.trim()}`] : []));
      });
    expect(wide).toEqual([]);
  });

  it('contains no notes about work that is left to do', () => {
    const note = new RegExp(`\\b(${['TO', 'FIX'].map((start, i) => start + ['DO', 'ME'][i]).join('|')})\\b`);
    expect(
      texts
        .filter(({ path, text }) => !/^(fixtures|package-lock)/.test(path) && note.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('names no folder of the machine it was made on', () => {
    const samples = ['/home/me', '/home/dev'];
    const folders = [root, userInfo().homedir].filter(
      (folder) => !samples.includes(folder) && folder !== '/' && !tmpdir().startsWith(folder),
    );
    expect(
      texts
        .filter(({ text }) => folders.some((folder) => text.includes(`${folder}/`) || text.includes(`${folder}"`)))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('locks versions without the addresses of the registry', () => {
    const lock = texts.find(({ path }) => path === 'package-lock.json');
    expect(lock?.text).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  it('depends only on what runs on Node 20.19', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { engines?: { node?: string } }>;
    };
    const tooNew = Object.entries(lock.packages).filter(
      ([, { engines }]) => engines?.node !== undefined && !admits(engines.node, OLDEST_NODE),
    );
    expect(tooNew.map(([name, { engines }]) => `${name}: ${engines?.node ?? ''}`)).toEqual([]);
  });
});

describe('the rule for engines', () => {
  it.each([
    ['>=18', true],
    ['*', true],
    ['^20.19.0 || >=22.12.0', true],
    ['>= 20', true],
    ['20 || >=22', true],
    ['18 || 20 || >=22', true],
    ['>=12.0.0 <21', true],
    ['>=22', false],
    ['^22.0.0', false],
    ['>=20.20', false],
    ['>=4 <20', false],
    ['^18 || ^22', false],
    ['^20.0.0', true],
    ['20.x', true],
    ['>=0.10.0', true],
  ])('%s → %s', (range, expected) => {
    expect(admits(range, OLDEST_NODE)).toBe(expected);
  });
});

interface Source {
  path: string;
  text: string;
  tree: ts.SourceFile;
  /** Paths below the root for own files (ending in .ts), specifiers as written for the rest. */
  imports: string[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function parse(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = nodesOf(tree).flatMap((node) => {
    const specifier = importedFrom(node);
    if (specifier === null) return [];
    return [
      specifier.startsWith('.')
        ? relative(root, resolve(root, dirname(path), specifier))
            .replaceAll('\\', '/')
            .replace(/\.js$/, '.ts')
        : specifier,
    ];
  });
  return { path, text, tree, imports };
}

function importedFrom(node: ts.Node): string | null {
  if (
    (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return node.moduleSpecifier.text;
  if (
    ts.isCallExpression(node) &&
    node.expression.kind === ts.SyntaxKind.ImportKeyword &&
    node.arguments[0] !== undefined &&
    ts.isStringLiteral(node.arguments[0])
  )
    return node.arguments[0].text;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
    return node.argument.literal.text;
  return null;
}

function nodesOf(node: ts.Node): ts.Node[] {
  const nodes = [node];
  ts.forEachChild(node, (child) => void nodes.push(...nodesOf(child)));
  return nodes;
}

function findings(source: Source, wrong: (node: ts.Node) => boolean): string[] {
  return nodesOf(source.tree)
    .filter((node) => wrong(node))
    .map((node) => `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
}

/** `name` used as a value of its own, or through globalThis; not as a property's or parameter's name. */
function isGlobal(node: ts.Node, name: string): boolean {
  if (!ts.isIdentifier(node) || node.text !== name) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return parent.expression.getText() === 'globalThis';
  const isName =
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isParameter(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isPropertyDeclaration(parent)) &&
    parent.name === node;
  return !isName;
}

function isExportedDeclaration(node: ts.Node): boolean {
  return (
    ts.isSourceFile(node.parent ?? node) &&
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** True for `type Name = (typeof NAMES)[number]`, which needs no doc comment. */
function isNamesOfList(node: ts.Node): boolean {
  return (
    ts.isTypeAliasDeclaration(node) &&
    ts.isIndexedAccessTypeNode(node.type) &&
    ts.isParenthesizedTypeNode(node.type.objectType) &&
    ts.isTypeQueryNode(node.type.objectType.type)
  );
}

function hasDocComment(node: ts.Node): boolean {
  return (ts.getLeadingCommentRanges(node.getSourceFile().text, node.getFullStart()) ?? []).some(({ pos }) =>
    node.getSourceFile().text.startsWith('/**', pos),
  );
}

function moduleOf(path: string): string | null {
  const [, module, rest] = path.split('/');
  return rest === undefined ? null : (module ?? null);
}

function rank(path: string): number {
  const module = moduleOf(path);
  return module === null ? -1 : MODULES.indexOf(module);
}

function circleFrom(start: string, graph: ReadonlyMap<string, readonly string[]>): string | null {
  const seen = new Set<string>();
  const walk = (path: string, trail: string[]): string | null => {
    for (const next of graph.get(path) ?? []) {
      if (next === start) return [...trail, path, next].join(' → ');
      if (!seen.has(next)) {
        seen.add(next);
        const circle = walk(next, [...trail, path]);
        if (circle !== null) return circle;
      }
    }
    return null;
  };
  return walk(start, []);
}

/** Returns true if a version is in an npm version range, in one of the forms found in `engines`. */
function admits(range: string, version: readonly number[]): boolean {
  return range.split('||').some((part) =>
    part
      .trim()
      .replaceAll(/([<>=^~]+)\s+/g, '$1')
      .split(/\s+/)
      .every((bound) => {
        const [, operator = '', written = ''] = /^([<>=^~]*)v?(.*)$/.exec(bound) ?? [];
        const wanted = written
          .split('.')
          .filter((digits) => /^\d+/.test(digits))
          .map((digits) => Number.parseInt(digits, 10));
        const order = compare(version, wanted);
        if (wanted.length === 0) return true;
        if (operator === '>=') return order >= 0;
        if (operator === '>') return order > 0;
        if (operator === '<') return order < 0;
        if (operator === '<=') return order <= 0;
        if (operator === '^') return order >= 0 && version[0] === wanted[0];
        return wanted.every((digits, i) =>
          operator === '~' && i > 1 ? (version[i] ?? 0) >= digits : version[i] === digits,
        );
      }),
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = [0, 1, 2].find((at) => (a[at] ?? 0) !== (b[at] ?? 0));
  return i === undefined ? 0 : (a[i] ?? 0) - (b[i] ?? 0);
}
