import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireBuild, root } from '../support/built.js';

interface Manifest {
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

const withEnding = (ending: string): string[] => files.filter((path) => path.endsWith(ending));

/** The packages whose code is in dist/, by the maps. */
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
        'dist/worker.cjs',
        'dist/index.js',
        'dist/types/index.d.ts',
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
          !/\.(js|cjs|json|map|d\.ts|md)$|^LICENSE$|\/THIRD-PARTY-NOTICES$|^docs\/examples\/[\w-]+\.ts$|^docs\/terminal\.svg$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  it('depends on exactly the packages that the built files import', () => {
    const imported = [...withEnding('.cjs'), ...withEnding('.js')].flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?:\b(?:require|import)\(|createRequire\)?\([^()]*(?:\([^()]*\))?\)\(|\bfrom ?|\bimport ?)["']([^"'.][^"']*)["']/g,
        ),
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

  it('has source maps without the sources, and the types that the library refers to', () => {
    expect(withEnding('.map').filter((path) => read(path).includes('"sourcesContent"'))).toEqual([]);
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const [, to = ''] of read(path).matchAll(/['"](\.{1,2}\/[^'"]+)\.js['"]/g))
        visit(join(dirname(path), `${to}.d.ts`));
    };
    visit('dist/types/index.d.ts');
    expect(withEnding('.d.ts').sort()).toEqual([...reached].sort());
  });

  it('has no link to a file that is not in it', () => {
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

  it('names no repository, and lists the files with side effects on import', () => {
    expect(manifest).not.toHaveProperty('repository');
    expect(manifest).not.toHaveProperty('bugs');
    expect(manifest).toMatchObject({
      sideEffects: ['./bin/*', './dist/main.cjs', './dist/worker.cjs', './dist/search-worker.cjs'],
    });
  });
});
