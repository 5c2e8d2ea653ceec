import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { requireBuild, root } from '../support/built.js';
import { temporaryFolder } from '../support/temporary.js';

interface Manifest {
  types: string;
  exports: { '.': { types: string } };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
let files: string[] = [];

beforeAll(() => {
  requireBuild();
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  files = (JSON.parse(packed) as { files: { path: string }[] }[])[0]!.files.map(({ path }) => path);
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Returns the compiler's errors for a program, including those in declarations of its packages. */
function compile(file: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    declaration: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  });
  return [...ts.getPreEmitDiagnostics(program), ...program.getDeclarationDiagnostics()].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}

const withEnding = (ending: string): string[] => files.filter((path) => path.endsWith(ending));

/** Returns the packages whose code is in dist/, according to the source maps. */
function bundled(): Set<string> {
  const sources = withEnding('.map').flatMap((path) => (JSON.parse(read(path)) as { sources: string[] }).sources);
  return new Set(sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
}

describe('the package', () => {
  it('has the program, the library and its documents, and no files generated on this machine', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'bin/ccsess.js',
        'bin/code-cache.js',
        'dist/main.cjs',
        'dist/rest.cjs',
        'dist/worker.cjs',
        'dist/index.js',
        'dist/index.d.ts',
        'docs/json.md',
        'plugin/.claude-plugin/plugin.json',
        'plugin/skills/past-sessions/SKILL.md',
        'plugin/commands/sessions.md',
      ]),
    );
    expect(
      files.filter(
        (path) => !/^(bin|dist|docs|plugin)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(path),
      ),
    ).toEqual([]);
    expect(
      files.filter(
        (path) =>
          !/\.(js|cjs|json|map|d\.ts|md)$/.test(path) &&
          !/^LICENSE$|\/THIRD-PARTY-NOTICES$|^docs\/(examples\/[\w-]+\.ts|(terminal|speed)\.svg)$/.test(path),
      ),
    ).toEqual([]);
  });

  it('depends on exactly the packages that the built files import', () => {
    const imported = [...withEnding('.cjs'), ...withEnding('.js')].flatMap((path) =>
      [
        ...read(path).matchAll(/(?:\b(?:require|import)\(|(?<!["'])\b(?:from|import) ?)["']([^"'.][^"']*)["']/g),
        ...read(path).matchAll(/createRequire\)?\([^()]*(?:\([^()]*\))?\)\(["']([^"'.][^"']*)["']/g),
      ].map(([, name = '']) => name),
    );
    const packages = imported.filter(
      (name) => !name.startsWith('node:') && !builtinModules.includes(name) && /^@?[a-z]/.test(name),
    );
    expect([...new Set(packages.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0]))]).toEqual(
      Object.keys(manifest.dependencies),
    );
    for (const name of ['commander', 'chalk', 'cli-table3', 'fast-glob', 'date-fns'])
      expect([name, name in manifest.devDependencies, bundled().has(name)]).toEqual([name, true, true]);
  });

  it('has a licence notice for every package that is bundled', () => {
    const notices = read('dist/THIRD-PARTY-NOTICES')
      .split(/^-{78}\n/m)
      .slice(1);
    const titles = notices.map((notice) => /^(\S+) \S+ \([^)]+\)$/m.exec(notice)?.[1]);
    expect([...bundled()].filter((name) => !titles.includes(name))).toEqual([]);
    expect(titles).toContain('assemblyscript');
    expect(notices.filter((notice) => !/copyright|©/i.test(notice))).toEqual([]);
  });

  it('has its program in ASCII, since bin/ccsess.js reads a byte as a character', () => {
    // oxlint-disable-next-line no-control-regex
    for (const path of ['dist/main.cjs', 'dist/rest.cjs']) expect(/[^\x00-\x7f]/.exec(read(path))).toBeNull();
  });

  it('has source maps without the source text', () => {
    expect(withEnding('.map').filter((path) => read(path).includes('"sourcesContent"'))).toEqual([]);
  });

  it('has a single file of types, with which programs compile without the types of Node and browsers', () => {
    expect(withEnding('.d.ts')).toEqual(['dist/index.d.ts']);
    const folder = temporaryFolder('consumer');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const installed = join(folder, 'node_modules/ccsess');
    for (const path of ['package.json', 'dist/index.d.ts']) {
      mkdirSync(dirname(join(installed, path)), { recursive: true });
      copyFileSync(join(root, path), join(installed, path));
    }
    const program = join(folder, 'library-consumer.mts');
    copyFileSync(join(root, 'test/e2e/library-consumer.mts'), program);
    expect(compile(program, { lib: ['lib.es2022.d.ts'], types: [] })).toEqual([]);
    // With the types of Node, as most programs are compiled, an AbortSignal is accepted.
    writeFileSync(
      join(folder, 'node.mts'),
      "import { listSessions } from 'ccsess';\n" +
        'export const sessions = listSessions({ signal: AbortSignal.timeout(1) });\n',
    );
    const withNode = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
    expect(compile(join(folder, 'node.mts'), withNode)).toEqual([]);
  });

  it('links only to files that it contains', () => {
    const dead = withEnding('.md').flatMap((path) =>
      [...read(path).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => normalize(join(dirname(path), target)))
        .filter(
          (target) =>
            !files.includes(target) && !files.some((file) => file.startsWith(`${target.replace(/\/$/, '')}/`)),
        )
        .map((target) => `${path} → ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it('exports its types under both names that compilers look for', () => {
    expect(manifest.types).toBe('./dist/index.d.ts');
    expect(manifest.exports['.'].types).toBe(manifest.types);
  });

  it('names no repository, and lists the files that have side effects on import', () => {
    expect(manifest).not.toHaveProperty('repository');
    expect(manifest).not.toHaveProperty('bugs');
    expect(manifest).toMatchObject({
      sideEffects: ['./bin/*', './dist/main.cjs', './dist/rest.cjs', './dist/worker.cjs', './dist/search-worker.cjs'],
    });
  });
});
