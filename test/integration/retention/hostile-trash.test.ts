import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { NOW } from '../../support/builders.js';
import { run, type Outcome } from '../../support/context.js';
import { PROJECT, writeSession } from '../../support/trees.js';
import { disk, put } from '../../unit/claude/disk.js';

const [ID, OTHER] = ['aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb'] as const;
const RUN = '2026-01-01T00-00-00Z-abc';
const STATES = ['', '.moving', '.moved', '.restoring', '.emptying'];

/** A config dir that an attacker prepared, next to a folder that must not change. */
class Scene {
  readonly root = disk({
    'victim/id_rsa': 'secret',
    'victim/settings.json': '{"keep":1}',
    'victim/0': 'zero',
    [`victim/${ID}.jsonl`]: '{}\n',
    [`victim/.ccsess-x-1-0~${ID}.jsonl~`]: 'theirs',
  });
  readonly victim = join(this.root, 'victim');
  readonly config = join(this.root, 'config');
  readonly trash = join(this.config, '.ccsess/trash');
  readonly before = treeOf(this.victim);

  constructor() {
    put(this.config, { 'projects/-p/x': '' });
    writeSession(this.config, OTHER);
  }

  /** Plants an entry with this manifest line and these files. */
  plant(line: object, files: Record<string, string> = { '0': 'evil' }, state = '', trash = this.trash): string {
    const run = join(trash, RUN);
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'manifest.jsonl'), `${JSON.stringify(line)}\n`);
    const entry = join(run, `1${state}`);
    mkdirSync(entry);
    put(entry, files);
    return entry;
  }

  /** Plants an entry without a folder, and returns its path: nothing is there yet. */
  plantBare(line: object, state: string): string {
    rmSync(this.plant(line), { recursive: true });
    return join(this.trash, RUN, `1-0${state}`);
  }

  line(more: object = {}, root: object = {}): object {
    const nodes = [{ path: '', kind: 'file', bytes: 4, mode: 0o600, mtimeMs: 1.7e12 }];
    const roots = [{ configDir: this.config, path: `projects/-p/${ID}.jsonl`, nodes, ...root }];
    const about = { cwd: null, title: 't', kind: 'interactive', lastActivityAt: null, footprintBytes: 1, files: 1 };
    const when = { pruneId: RUN, trashedAt: '2026-11-01T00:00:00.000Z', reasons: [] };
    return {
      schemaVersion: 1,
      entry: 1,
      ...when,
      id: ID,
      configDir: this.config,
      projectDir: '-p',
      ...about,
      roots,
      ...more,
    };
  }

  run(...argv: string[]): Promise<Outcome> {
    return this.runWith({}, ...argv);
  }

  runWith(env: Record<string, string>, ...argv: string[]): Promise<Outcome> {
    const configDirs = resolveConfigDirs({ explicit: [this.config], env: {}, home: this.root, cwd: '/' });
    return run(argv, { configDirs, home: this.root, cwd: '/', env, now: NOW });
  }
}

/** Runs every command that may touch the trash or a journal. Nothing outside may change, and no error be internal. */
async function everyCommand(scene: Scene, env: Record<string, string> = {}): Promise<void> {
  for (const argv of [
    ['trash'],
    ['restore', '@last-prune', '-n'],
    ['recover'],
    ['restore', ID],
    ['rm', OTHER, '--yes'],
    ['prune', '--orphans', '--yes', '-q'],
    ['trash', 'empty', '--yes'],
  ]) {
    const { stderr } = await scene.runWith(env, ...argv);
    expect(stderr, argv.join(' ')).not.toMatch(/defect|internal error|TypeError/);
    untouched(scene, argv.join(' '));
  }
}

function untouched(scene: Scene, what: string): void {
  expect(treeOf(scene.victim), what).toEqual(scene.before);
  expect(readdirSync(scene.root).sort(), what).toEqual(['config', 'victim']);
}

function treeOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      const content = stats.isSymbolicLink() ? readlinkSync(path) : stats.isFile() ? readFileSync(path, 'utf8') : '';
      return [name, `${stats.mode.toString(8)} ${stats.mtimeMs} ${content}`];
    }),
  );
}

describe('a manifest is not followed outside the config dir', () => {
  const UNSAFE: [string, (scene: Scene) => object][] = [
    ['another config dir', (scene) => scene.line({}, { configDir: scene.victim })],
    ['another config dir for all', (scene) => scene.line({ configDir: scene.victim }, { configDir: scene.root })],
    ['a path that goes up', (scene) => scene.line({}, { path: '../victim/id_rsa' })],
    ['a path that goes up in the middle', (scene) => scene.line({}, { path: 'projects/-p/../../../victim/id_rsa' })],
    ['an absolute path', (scene) => scene.line({}, { path: join(scene.victim, 'id_rsa') })],
    ['a path with a dot', (scene) => scene.line({}, { path: `projects/./${ID}.jsonl` })],
    ['a path with a NUL', (scene) => scene.line({}, { path: `projects/-p\0/${ID}.jsonl` })],
    ['an id that goes up', (scene) => scene.line({ id: '../../../victim/settings' })],
    ['a number as id', (scene) => scene.line({ id: 7 })],
    ['a project dir that goes up', (scene) => scene.line({ projectDir: '..' })],
    ['an entry that goes up', (scene) => scene.line({ entry: '../../victim' })],
    ['a run id that goes up', (scene) => scene.line({ pruneId: '../../../../victim/x' })],
    [
      'a file within that goes up',
      (scene) =>
        scene.line(
          {},
          {
            path: `projects/-p/${ID}`,
            nodes: [
              { path: '', kind: 'folder', bytes: 0, mode: 0o700, mtimeMs: 1 },
              { path: '../../../../victim/planted.jsonl', kind: 'file', bytes: 4, mode: 0o755, mtimeMs: 1 },
            ],
          },
        ),
    ],
  ];

  test.each(UNSAFE)('%s', async (_what, line) => {
    for (const state of STATES) {
      const scene = new Scene();
      scene.plant(line(scene), { '0': 'evil', 'packed-0-1.gz': gzipSync('evil').toString('latin1') }, state);
      await everyCommand(scene);
    }
  });

  test.each([
    'settings.json',
    '.credentials.json',
    'hooks/x',
    'commands/x.md',
    'projects/-p/memory/MEMORY.md',
    '.ccsess/lock',
  ])('nor to %s, which does not belong to a session', async (path) => {
    const scene = new Scene();
    scene.plant(scene.line({}, { path }));
    await everyCommand(scene);
    expect(existsSync(join(scene.config, path))).toBe(false);
  });

  test('not in a trash that --trash-dir names either', async () => {
    for (const state of STATES) {
      const scene = new Scene();
      const shared = join(scene.config, 'shared');
      scene.plant(scene.line({}, { configDir: scene.victim, path: 'authorized_keys' }), { '0': 'evil' }, state, shared);
      await everyCommand(scene, { CCSESS_TRASH_DIR: shared });
    }
  });

  test('and its errors are reported, without blocking other entries', async () => {
    const scene = new Scene();
    await scene.run('rm', OTHER, '--yes');
    scene.plant(scene.line({}, { configDir: scene.victim }));
    const { stdout } = await scene.run('trash', 'show', ID);
    expect(stdout).toContain(`files of it belong to ${scene.victim}, which is not one of the config dirs`);
    const restored = await scene.run('restore', ID, OTHER);
    expect(restored).toMatchObject({ stdout: `${OTHER}\n`, exitCode: 3 });
    expect(restored.stderr).toContain(`${ID} is not restored: files of it belong to ${scene.victim}`);
    const to = join(scene.config, 'elsewhere');
    expect(await scene.run('restore', ID, '--to', to, '--keep-times')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(to, `projects/-p/${ID}.jsonl`), 'utf8')).toBe('evil');
  });
});

describe('an entry without a folder', () => {
  const EVIL: [string, (scene: Scene, state: string) => void][] = [
    [
      'that is a link',
      (scene, state) => symlinkSync(join(scene.victim, 'settings.json'), scene.plantBare(scene.line(), state)),
    ],
    [
      'of another config dir',
      (scene, state) => {
        const line = scene.line(
          { configDir: scene.victim },
          { configDir: scene.victim, path: `projects/x/${ID}.jsonl` },
        );
        writeFileSync(scene.plantBare(line, state), 'evil');
      },
    ],
    [
      'with a remainder that waits, for a project dir that is a link',
      (scene, state) => {
        rmSync(join(scene.config, 'projects/-p'), { recursive: true });
        symlinkSync(scene.victim, join(scene.config, 'projects/-p'));
        const entry = scene.plantBare(scene.line({ pruneId: 'x' }), state);
        writeFileSync(entry, 'evil');
        writeFileSync(`${entry}.ccsess-rest-1`, 'more');
      },
    ],
    [
      'for a transcript path that is a link',
      (scene, state) => {
        symlinkSync(join(scene.victim, 'settings.json'), join(scene.config, `projects/-p/${ID}.jsonl`));
        writeFileSync(scene.plantBare(scene.line(), state), '{"more":1}\n');
      },
    ],
    [
      'that is said to have several files',
      (scene, state) => {
        const line = scene.line() as { roots: object[] };
        const more = { ...line.roots[0], path: `file-history/${ID}` };
        writeFileSync(scene.plantBare({ ...line, roots: [...line.roots, more] }, state), 'evil');
      },
    ],
    [
      'whose file with the destination is a link',
      (scene, state) => {
        const entry = scene.plantBare(scene.line(), state);
        writeFileSync(entry, 'evil');
        symlinkSync(join(scene.victim, 'settings.json'), join(scene.trash, RUN, '1-0.destination'));
      },
    ],
    [
      'that is restored into a config dir not in use',
      (scene, state) => {
        writeFileSync(scene.plantBare(scene.line(), state), 'evil');
        writeFileSync(join(scene.trash, RUN, '1-0.destination'), scene.victim);
      },
    ],
  ];
  const STATES_OF_BARE = ['.moving', '.restoring', '.copied'];
  test.each(STATES_OF_BARE.flatMap((state) => EVIL.map(([what, plant]) => [what, state, plant] as const)))(
    '%s (%j)',
    async (_, state, plant) => {
      const scene = new Scene();
      plant(scene, state);
      await everyCommand(scene);
    },
  );
});

describe('links are not followed', () => {
  const inTrees = ['', '.moving', '.restoring', '.moved', '.emptying'];
  const LINKED: [string, (scene: Scene, state: string) => void][] = [
    [
      'a project dir',
      (scene, state) => {
        rmSync(join(scene.config, 'projects/-p'), { recursive: true });
        symlinkSync(scene.victim, join(scene.config, 'projects/-p'));
        scene.plant(scene.line({ pruneId: 'x' }), { '0': 'evil', '0.ccsess-rest-1': 'more' }, state);
      },
    ],
    [
      'a folder of the config dir',
      (scene, state) => {
        rmSync(join(scene.config, 'file-history'), { recursive: true });
        symlinkSync(scene.victim, join(scene.config, 'file-history'));
        scene.plant(scene.line({}, { path: `file-history/${ID}` }), { '0/a@v1': 'evil' }, state);
      },
    ],
    [
      'the path of a transcript',
      (scene, state) => {
        symlinkSync(join(scene.victim, 'settings.json'), join(scene.config, `projects/-p/${ID}.jsonl`));
        scene.plant(scene.line(), { '0.ccsess-rest-1': '{"more":1}\n' }, state);
      },
    ],
    [
      'a transcript in the trash',
      (scene, state) =>
        symlinkSync(join(scene.victim, 'settings.json'), join(scene.plant(scene.line(), {}, state), '0')),
    ],
    [
      'a folder in the trash',
      (scene, state) => {
        const entry = scene.plant(scene.line({}, { path: `projects/-p/${ID}` }), {}, state);
        symlinkSync(scene.victim, join(entry, '0'));
      },
    ],
    [
      'a compressed file in the trash',
      (scene, state) =>
        symlinkSync(join(scene.victim, 'id_rsa'), join(scene.plant(scene.line(), {}, state), 'packed-0-0.gz')),
    ],
    [
      'a folder that a compressed file goes into',
      (scene, state) => {
        const nodes = [
          { path: '', kind: 'folder', bytes: 0, mode: 0o700, mtimeMs: 1 },
          { path: 'out', kind: 'folder', bytes: 0, mode: 0o700, mtimeMs: 1 },
          { path: 'out/planted.jsonl', kind: 'file', bytes: 4, mode: 0o600, mtimeMs: 1 },
        ];
        const entry = scene.plant(scene.line({}, { path: `projects/-p/${ID}`, nodes }), { '0/x': '' }, state);
        writeFileSync(join(entry, 'packed-0-2.gz'), gzipSync('evil'));
        symlinkSync(scene.victim, join(entry, '0/out'));
      },
    ],
    [
      'a temporary file',
      (scene, state) => {
        const entry = scene.plant(scene.line(), {}, state);
        writeFileSync(join(entry, 'packed-0-0.gz'), gzipSync('evil'));
        symlinkSync(join(scene.victim, 'planted'), join(entry, 'packed-0-0.gz.tmp'));
      },
    ],
    [
      'an entry',
      (scene, state) => {
        rmSync(scene.plant(scene.line(), {}, state), { recursive: true });
        symlinkSync(scene.victim, join(scene.trash, RUN, `1${state}`));
      },
    ],
    [
      'a run',
      (scene, state) => {
        scene.plant(scene.line(), { '0': 'evil' }, state);
        renameSync(join(scene.trash, RUN), join(scene.config, 'run'));
        symlinkSync('../../run', join(scene.trash, RUN));
      },
    ],
    [
      'a manifest',
      (scene, state) => {
        scene.plant(scene.line(), { '0': 'evil' }, state);
        const manifest = join(scene.trash, RUN, 'manifest.jsonl');
        rmSync(manifest);
        symlinkSync('/dev/zero', manifest);
      },
    ],
    [
      'a destination',
      (scene, state) =>
        symlinkSync(
          join(scene.victim, 'id_rsa'),
          join(scene.plant(scene.line(), { '0': 'evil' }, state), 'destination'),
        ),
    ],
    [
      'the folder of marks',
      (scene, state) => {
        scene.plant(scene.line(), { '0': 'evil' }, state);
        symlinkSync(scene.victim, join(scene.config, '.ccsess/restored'));
      },
    ],
    [
      'a waiting file',
      (scene, state) => {
        scene.plant(scene.line({ pruneId: 'x' }), { '0': 'evil' }, state);
        symlinkSync(join(scene.victim, 'id_rsa'), join(scene.config, `projects/-p/.ccsess-x-1-0~${ID}.jsonl~`));
      },
    ],
  ];

  test.each(LINKED)('%s', async (_what, plant) => {
    for (const state of inTrees) {
      const scene = new Scene();
      plant(scene, state);
      await everyCommand(scene);
      const places = readdirSync(join(scene.config, 'projects/-p')).filter((name) => name === `${ID}.jsonl`);
      // A restored transcript is not a link that the next command would write through.
      for (const name of places) {
        const path = join(scene.config, 'projects/-p', name);
        if (lstatSync(path).isSymbolicLink()) expect(readlinkSync(path)).toBe(join(scene.victim, 'settings.json'));
      }
    }
  });

  test.each(['.ccsess', '.ccsess/trash'])('%s, and the message says so', async (link) => {
    const scene = new Scene();
    mkdirSync(dirname(join(scene.config, link)), { recursive: true });
    symlinkSync(scene.victim, join(scene.config, link));
    mkdirSync(join(scene.victim, RUN));
    Object.assign(scene, { before: treeOf(scene.victim) });
    await everyCommand(scene);
    const { stderr, exitCode } = await scene.run('rm', OTHER, '--yes');
    expect([stderr, exitCode]).toEqual([expect.stringContaining(`${join(scene.config, link)} is a link`), 1]);
    expect((await scene.run('list')).exitCode).toBe(0);
  });
});

test('a session that was being restored is put only into one of the given config dirs', async () => {
  const scene = new Scene();
  const entry = scene.plant(scene.line(), { '0': 'evil', destination: scene.victim }, '.restoring');
  put(scene.config, { '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","ended":true}' });
  const { stdout } = await scene.run('recover');
  expect(stdout).toContain(`stays in the trash: it was being restored to ${scene.victim}, which is not one of`);
  untouched(scene, 'recover');
  expect(existsSync(entry.replace('.restoring', ''))).toBe(true);
  // A part of the session is in the other config dir already, where the rest belongs, so the entry stays `restoring`.
  const half = new Scene();
  const line = half.line() as { roots: object[] };
  const twoRoots = { ...line, roots: [...line.roots, { ...line.roots[0], path: `projects/-p/${ID}` }] };
  const rest = half.plant(twoRoots, { '1/x': 'rest', destination: half.victim }, '.restoring');
  expect(await half.run('recover')).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining('is still half moved') as string,
  });
  expect(existsSync(rest)).toBe(true);
  untouched(half, 'recover');
});

test('stranded files are put back only as a session, and not through links', async () => {
  const scene = new Scene();
  put(scene.config, {
    '.ccsess-x~..~/.bashrc': 'echo pwned',
    [`projects/-p/.ccsess-x-1-0~settings.json~`]: 'evil',
    [`hooks/.ccsess-x-1-0~evil~`]: 'evil',
    [`projects/-p/.ccsess-x-1-0~${ID}.jsonl~`]: '{}\n',
    '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","trashDirs":["/nowhere"],"ended":true}',
  });
  symlinkSync(scene.victim, join(scene.config, 'projects/-linked'));
  symlinkSync(scene.victim, join(scene.config, 'tasks'));
  await scene.run('recover');
  untouched(scene, 'recover');
  expect(readdirSync(join(scene.config, 'projects/-p')).sort()).toEqual([
    '.ccsess-x-1-0~settings.json~',
    `${ID}.jsonl`,
    'x',
  ]);
  expect(readdirSync(join(scene.config, 'hooks'))).toEqual(['.ccsess-x-1-0~evil~']);
});

describe.runIf(process.getuid?.() === 0)('of another user', () => {
  const own = (path: string): void => {
    chownSync(path, 12345, 12345);
    if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) own(join(path, name));
  };

  test('runs and entries are skipped and reported', async () => {
    for (const part of ['', '1']) {
      const scene = new Scene();
      scene.plant(scene.line());
      own(join(scene.trash, RUN, part));
      const { stdout, stderr } = await scene.run('trash');
      expect([stdout, stderr]).toEqual(['', expect.stringContaining('Skipped in the trash: owned by another user')]);
      expect((await scene.run('recover')).stderr).toContain('owned by another user');
      await everyCommand(scene);
      expect(existsSync(join(scene.trash, RUN, '1/0'))).toBe(true);
    }
  });

  test('files stay in the trash', async () => {
    const scene = new Scene();
    const entry = scene.plant(scene.line());
    own(join(entry, '0'));
    chmodSync(join(entry, '0'), 0o666);
    expect((await scene.run('restore', ID)).stderr).toContain('0 is owned by another user.');
    expect(existsSync(join(entry, '0'))).toBe(true);
  });
});

test('files that prune would find only through a link are left alone', async () => {
  const scene = new Scene();
  rmSync(join(scene.config, 'file-history'), { recursive: true });
  mkdirSync(join(scene.config, 'fh', OTHER), { recursive: true });
  symlinkSync('fh', join(scene.config, 'file-history'));
  const { stderr } = await scene.run('rm', OTHER, '--yes');
  expect(stderr).toContain('reached through a link');
  expect(existsSync(join(scene.config, 'projects', PROJECT, `${OTHER}.jsonl`))).toBe(true);
});

test('a hard link that a killed restore left is finished as before', async () => {
  const scene = new Scene();
  const entry = scene.plant(scene.line(), { '0': '{}\n' }, '.restoring');
  put(scene.config, { '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","ended":true}' });
  linkSync(join(entry, '0'), join(scene.config, `projects/-p/${ID}.jsonl`));
  expect((await scene.run('recover')).stdout).toContain('is restored');
  expect(readFileSync(join(scene.config, `projects/-p/${ID}.jsonl`), 'utf8')).toBe('{}\n');
});

test.each<[string, string, Record<string, string>, string, number]>([
  ['all of it is there', '.restoring', { '0': 'evil' }, 'in-trash', 0],
  ['a file of it is missing', '.restoring', { other: '' }, 'failed', 3],
])('a session whose project dir is a link stays in the trash if %s', async (_why, state, files, outcome, exitCode) => {
  const scene = new Scene();
  rmSync(join(scene.config, 'projects/-p'), { recursive: true });
  symlinkSync(scene.victim, join(scene.config, 'projects/-p'));
  scene.plant(scene.line(), files, state);
  const { stdout, exitCode: code } = await scene.run('recover', '--json');
  expect(JSON.parse(stdout)).toMatchObject([
    { id: ID, outcome, error: expect.stringContaining('is a link') as string },
  ]);
  expect(code).toBe(exitCode);
  expect(readdirSync(join(scene.trash, RUN)).includes(`1${outcome === 'failed' ? state : ''}`)).toBe(true);
  untouched(scene, outcome);
});
