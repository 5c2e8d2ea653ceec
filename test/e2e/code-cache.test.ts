import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requireBuild, root } from '../support/built.js';
import { makeHome } from './sample-home.js';

const VERSION = '0.1.0';
const DAY_MS = 24 * 60 * 60 * 1000;
const { checksum } = createRequire(import.meta.url)('../../bin/code-cache.js') as {
  checksum(bytes: Uint8Array): bigint;
};
/** A copy of the program that a test may change. */
const installed = makeHome();
const hook = join(installed, 'hook.cjs');
let home = '';
/** Name of the file with the code, for a test that removes it. */
let codeName = '';

beforeAll(() => {
  requireBuild();
  cpSync(join(root, 'bin'), join(installed, 'bin'), { recursive: true });
  // Records whether V8 accepts the code that it gets.
  writeFileSync(
    hook,
    `
    const vm = require('node:vm');
    const { Script } = vm;
    vm.Script = class extends Script {
      constructor(source, options) {
        super(source, options);
        const isRest = options?.filename?.endsWith('rest.cjs');
        if (options?.filename?.endsWith('main.cjs') !== true && !isRest) return;
        const use = options.cachedData === undefined ? 'none' : this.cachedDataRejected ? 'rejected' : 'used';
        require('node:fs').writeFileSync(process.env.CODE_USE + (isRest ? '-rest' : ''), use);
      }
    };`,
  );
});
beforeEach(() => {
  home = makeHome();
  mkdirSync(join(installed, 'dist'), { recursive: true });
  for (const name of ['main.cjs', 'rest.cjs']) copyFileSync(join(root, 'dist', name), join(installed, 'dist', name));
  return () => rmSync(home, { recursive: true });
});
afterAll(() => rmSync(installed, { recursive: true }));

const folder = (): string => join(home, '.cache/ccsess');
const codeFiles = (): string[] =>
  existsSync(folder()) ? readdirSync(folder()).filter((name) => name.startsWith('code-')) : [];
const codeFile = (): string => join(folder(), codeFiles()[0]!);

/**
 * Runs the copy; `use` is that of the compiled code of main.cjs: none, used or rejected by V8. `restUse` is that of
 * rest.cjs, null if the run did not need it.
 */
function run(
  args: readonly string[] = ['--version'],
  { env = {}, nodeFlags = [] as string[] } = {},
): { status: number | null; stdout: string; stderr: string; use: string; restUse: string | null } {
  const use = join(home, 'use');
  for (const path of [use, `${use}-rest`]) rmSync(path, { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', hook, ...nodeFlags, join(installed, 'bin/ccsess.js'), ...args],
    {
      encoding: 'utf8',
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, TZ: 'UTC', CODE_USE: use, ...env },
    },
  );
  const restUse = existsSync(`${use}-rest`) ? readFileSync(`${use}-rest`, 'utf8') : null;
  return { status, stdout, stderr, use: readFileSync(use, 'utf8'), restUse };
}

/** Expected outcome of a start without errors; `use` is how much of the code cache was used. */
const started = (use: string) => ({ status: 0, stdout: `${VERSION}\n`, stderr: '', use, restUse: null });

/** Starts the program until nothing more is added to the code cache. */
function warmUp(): void {
  for (const use of ['none', 'used']) expect(run()).toEqual(started(use));
}

/** Rewrites the header of the code as another program that knows the format could, its checksum right. */
function rewriteKey(change: (key: unknown[]) => void): void {
  const bytes = readFileSync(codeFile());
  const codeStart = 16 + bytes.readUInt32LE(8);
  const header = JSON.parse(bytes.toString('utf8', 16, codeStart)) as { key: string };
  const key = JSON.parse(header.key) as unknown[];
  change(key);
  const text = Buffer.from(JSON.stringify({ ...header, key: JSON.stringify(key) }));
  const changed = Buffer.concat([Buffer.alloc(16), text, bytes.subarray(codeStart)]);
  changed.writeUInt32LE(text.length, 8);
  changed.writeBigUInt64LE(checksum(changed.subarray(8)), 0);
  writeFileSync(codeFile(), changed);
}

describe('compiled code of an earlier run', () => {
  it('is written by the first two starts of a command, and used from the second one on', () => {
    warmUp();
    const { ino, mode } = statSync(codeFile());
    expect([codeFiles().length, mode & 0o777, statSync(folder()).mode & 0o777]).toEqual([1, 0o600, 0o700]);
    expect([run(), statSync(codeFile()).ino]).toEqual([started('used'), ino]);
  });

  it('is kept for a command that changes flags of V8, too', () => {
    run(['search', 'word']);
    expect(codeFiles().map((name) => name.replace(/.*-/, ''))).toEqual(['search', 'search']);
    expect(run(['search', 'word'])).toMatchObject({ status: 0, use: 'used', restUse: 'used' });
  });

  it('is kept for each command, and grows with runs of other flags', () => {
    run(['list', '--help']);
    const bytes = statSync(codeFile()).size;
    expect(run(['list'])).toMatchObject({ status: 0, use: 'used' });
    expect(statSync(codeFile()).size).toBeGreaterThan(bytes);
    run();
    expect(codeFiles()).toHaveLength(2);
  });

  it('is not needed to notice that an update replaced the rest of the program during a start', () => {
    writeFileSync(join(installed, 'dist/rest.cjs'), '(function () {})');
    const { status, stdout, stderr } = run(['trash']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('dist/rest.cjs is of another build; install ccsess again');
  });

  it('of the rest of the program is kept for commands that need it', () => {
    const runs = [run(['trash', '--help']), run(['trash', '--help']), run(['trash', '--help'])];
    expect(runs.map(({ use, restUse }) => [use, restUse])).toEqual([
      ['none', 'none'],
      ['used', 'used'],
      ['used', 'used'],
    ]);
    expect(codeFiles()).toHaveLength(2);
    expect([run(), run(['list'])].map(({ restUse }) => restUse)).toEqual([null, null]);
    const rest = join(installed, 'dist/rest.cjs');
    const { atime, mtime } = statSync(rest);
    writeFileSync(
      rest,
      readFileSync(rest, 'latin1').replaceAll('id, id prefix or title', 'ID, ID PREFIX OR TITLE'),
      'latin1',
    );
    utimesSync(rest, atime, mtime);
    expect(run(['trash', '--help'])).toMatchObject({
      stdout: expect.stringContaining('ID, ID PREFIX') as string,
      use: 'used',
      restUse: 'none',
    });
  });

  it.each([
    ['the program', ['list', '--no-such-flag']],
    ['a dry run', ['prune', '--older-than', '1d', '-n']],
    ['a dry run', ['prune', '--older-than', '1d', '-qn']],
    ['a dry run', ['recover', '--dry-run']],
    ['a run without a cache', ['list', '--no-cache']],
  ])('is not written by %s: %j', (_, args) => {
    run(args);
    expect(codeFiles()).toEqual([]);
  });

  it('of another command is used by a dry run, which still writes none', () => {
    run();
    const [before] = codeFiles();
    expect(run(['recover', '--dry-run'])).toMatchObject({ status: 0, use: 'used' });
    expect(codeFiles()).toEqual([before]);
    // A command that may write starts with its own code.
    expect(run(['list']).use).toBe('none');
  });

  it('of the command with the most code is used', () => {
    run(['list', '--help']);
    const [name = ''] = codeFiles();
    const small = readFileSync(codeFile());
    rmSync(codeFile());
    run(['list']);
    expect(statSync(codeFile()).size).toBeGreaterThan(small.length);
    // The first one by name, with a valid checksum but code that V8 rejects.
    const codeStart = 16 + small.readUInt32LE(8);
    small.fill(0, codeStart, codeStart + 16);
    small.writeBigUInt64LE(checksum(small.subarray(8)), 0);
    writeFileSync(join(folder(), name.replace(/[a-z]*$/, 'a')), small, { mode: 0o600 });
    expect(run(['recover', '--dry-run'])).toMatchObject({ status: 0, use: 'used' });
    rmSync(join(folder(), name));
    expect(run(['recover', '--dry-run'])).toMatchObject({ status: 0, use: 'rejected' });
  });

  it('is not written when V8 runs under other flags than at its start', () => {
    const flags = join(home, 'flags.cjs');
    writeFileSync(
      flags,
      `process.once('beforeExit', () => require('node:v8').setFlagsFromString('--stack-size=900'));`,
    );
    expect(run(['--version'], { nodeFlags: ['--require', flags] })).toEqual(started('none'));
    expect(codeFiles()).toEqual([]);
  });

  it.each([
    ['another version of Node', (key: unknown[]) => (key[5] = 'v20.19.0')],
    ['another binary of Node', (key: unknown[]) => (key[2] = '/usr/local/bin/node')],
    ['a binary of Node of another size', (key: unknown[]) => (key[3] = 1)],
    ['an older binary of Node', (key: unknown[]) => (key[4] = 1)],
    ['another processor', (key: unknown[]) => (key[6] = 'mips')],
    ['other flags of Node', (key: unknown[]) => (key[7] = [['--jitless'], ''])],
    ['another main.cjs', (key: unknown[]) => (key[1] = [1, '0'.repeat(16)])],
    ['another format', (key: unknown[]) => (key[0] = 0)],
  ])('made by %s is replaced, and not used', (_, change) => {
    warmUp();
    rewriteKey(change);
    expect(run()).toEqual(started('none'));
    expect(run()).toEqual(started('used'));
  });

  it('is separate for different flags of Node', () => {
    warmUp();
    expect(run(['--version'], { nodeFlags: ['--max-old-space-size=500'] })).toEqual(started('none'));
    expect(run(['--version'], { env: { NODE_OPTIONS: '--max-old-space-size=500' } })).toEqual(started('none'));
    expect(run()).toEqual(started('used'));
    expect(codeFiles()).toHaveLength(3);
  });

  it('of an older main.cjs is not used, even with the same length and time', () => {
    warmUp();
    const main = join(installed, 'dist/main.cjs');
    const { atime, mtime } = statSync(main);
    writeFileSync(main, readFileSync(main, 'latin1').replaceAll(`"${VERSION}"`, '"9.8.7"'), 'latin1');
    utimesSync(main, atime, mtime);
    expect(run()).toEqual({ ...started('none'), stdout: '9.8.7\n' });
    expect(run()).toEqual({ ...started('used'), stdout: '9.8.7\n' });
    expect(codeFiles()).toHaveLength(1);
  });

  it('is replaced if damaged, and not passed to V8', () => {
    warmUp();
    const whole = readFileSync(codeFile());
    const flipped = [0, 5, 20, 400, 2000, whole.length >> 1, whole.length - 1].map((at) =>
      Buffer.from(whole.with(at, whole[at]! ^ 0x10)),
    );
    const cut = [0, 3, 8, 100, 600, whole.length - 1].map((length) => whole.subarray(0, length));
    for (const damaged of [...flipped, ...cut, Buffer.concat([whole, Buffer.from([0])]), Buffer.alloc(whole.length)]) {
      writeFileSync(codeFile(), damaged);
      expect(run()).toEqual(started('none'));
      expect(run()).toEqual(started('used'));
    }
  });

  it.each([
    ['a file others can write', () => chmodSync(codeFile(), 0o622)],
    ['a file the group can write', () => chmodSync(codeFile(), 0o620)],
    ['a file in a folder that others can write', () => chmodSync(folder(), 0o777)],
    [
      'a link to a file',
      () => {
        renameSync(codeFile(), join(home, 'code'));
        symlinkSync(join(home, 'code'), join(folder(), codeName));
      },
    ],
    [
      'a file in a folder behind a link',
      () => {
        renameSync(folder(), join(home, 'elsewhere'));
        symlinkSync(join(home, 'elsewhere'), folder());
      },
    ],
    [
      'a folder',
      () => {
        rmSync(codeFile());
        mkdirSync(join(folder(), codeName));
      },
    ],
    [
      'a FIFO',
      () => {
        rmSync(codeFile());
        spawnSync('mkfifo', [join(folder(), codeName)]);
      },
    ],
  ])('is not used from %s', (_, change) => {
    warmUp();
    codeName = basename(codeFile());
    change();
    expect(run()).toEqual(started('none'));
  });

  it.runIf(process.getuid?.() === 0)(
    'is not used if the file or its folder belongs to somebody else, and not written there',
    () => {
      warmUp();
      const code = codeFile();
      chownSync(code, 12_345, 12_345);
      expect(run()).toEqual(started('none'));
      expect(run()).toEqual(started('used'));
      const { ino } = lstatSync(codeFile());
      chownSync(folder(), 12_345, 12_345);
      expect(run()).toEqual(started('none'));
      expect(run()).toEqual(started('none'));
      expect(lstatSync(codeFile()).ino).toBe(ino);
      rmSync(folder(), { recursive: true });
      chownSync(join(home, '.cache'), 12_345, 12_345);
      expect(run()).toEqual(started('none'));
      expect(existsSync(folder())).toBe(false);
    },
  );

  it('is not needed if no cache can be written', () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    for (const XDG_CACHE_HOME of [
      file,
      join(file, 'below'),
      '/dev/null',
      '/dev/full',
      '/proc',
      '/proc/nobody/cache',
      `/${'n'.repeat(300)}`,
    ]) {
      expect(run(['--version'], { env: { XDG_CACHE_HOME } })).toEqual(started('none'));
    }
  });

  it('is removed when it is old or too large, as are files left by a killed run', () => {
    run();
    const put = (name: string, ageMs: number): void => {
      writeFileSync(join(folder(), name), '');
      utimesSync(join(folder(), name), new Date(), new Date(Date.now() - ageMs));
    };
    const [own] = codeFiles();
    put('code-00000001-list', 40 * DAY_MS);
    put('code-00000002-list', 20 * DAY_MS);
    put('code-00000003-list.abc123.tmp', DAY_MS);
    put('code-00000004-list.abc123.tmp', 0);
    put('code-notes.txt', 40 * DAY_MS);
    run();
    expect(codeFiles().sort()).toEqual(
      ['code-00000002-list', 'code-00000004-list.abc123.tmp', 'code-notes.txt', own].sort(),
    );
    for (let n = 0; n < 144; n++) put(`code-1${String(n).padStart(7, '0')}-show`, n * 60_000);
    run(['--help']);
    expect(codeFiles().filter((name) => /^code-[0-9a-f]{8}-[a-z]*$/.test(name))).toHaveLength(127);
    expect(codeFiles()).toContain('code-10000000-show');
    expect(codeFiles()).not.toContain('code-10000143-show');
  });
});
