import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { NOW } from '../../support/builders.js';
import { run, type Outcome } from '../../support/context.js';
import { promptLine } from '../../support/transcripts.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession, type Snapshot } from '../../support/trees.js';
import { disk, put } from '../../unit/claude/disk.js';
import { validator } from '../../unit/schema/schemas.js';

const [ONE, TWO] = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;

/** A config dir with two sessions, which `trash` moves into its trash. */
class Home {
  readonly path = emptyConfigDir();
  readonly before: Snapshot;

  constructor() {
    for (const id of [ONE, TWO]) {
      writeSession(this.path, id);
      const agent = { sessionId: id, isSidechain: true, agentId: 'a1' };
      put(this.path, {
        [`projects/${PROJECT}/${id}/subagents/agent-a1.jsonl`]: promptLine('word '.repeat(2000), agent),
      });
    }
    this.before = snapshot(this.path);
  }

  run(...argv: string[]): Promise<Outcome> {
    const configDirs = resolveConfigDirs({ explicit: [this.path], env: {}, home: '/nowhere', cwd: '/' });
    return run(argv, { configDirs, home: '/nowhere', cwd: '/', now: NOW });
  }

  /** Moves both sessions to the trash, and returns the folder of the run. */
  async trash(): Promise<string> {
    await this.run('rm', ONE, TWO, '--yes');
    const trash = join(this.path, '.ccsess/trash');
    return join(trash, readdirSync(trash)[0] ?? '');
  }

  lines(folder: string): Record<string, unknown>[] {
    const lines = readFileSync(join(folder, 'manifest.jsonl'), 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

const writeLines = (folder: string, lines: readonly unknown[]): void =>
  writeFileSync(join(folder, 'manifest.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

describe('a damaged manifest', () => {
  const DAMAGES: [string, (folder: string, lines: Record<string, unknown>[]) => void][] = [
    ['lost', (folder) => rmSync(join(folder, 'manifest.jsonl'))],
    ['empty', (folder) => writeFileSync(join(folder, 'manifest.jsonl'), '')],
    [
      'cut short',
      (folder, lines) => writeFileSync(join(folder, 'manifest.jsonl'), JSON.stringify(lines[0]).slice(0, -9)),
    ],
    [
      'a control character',
      (folder, [one, two]) => {
        const text = `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`;
        writeFileSync(join(folder, 'manifest.jsonl'), `${text.slice(0, 3)}\u0001${text.slice(4)}`);
      },
    ],
    ['not UTF-8', (folder) => writeFileSync(join(folder, 'manifest.jsonl'), Buffer.alloc(5000, 0xff))],
    [
      'a folder',
      (folder) => {
        rmSync(join(folder, 'manifest.jsonl'));
        mkdirSync(join(folder, 'manifest.jsonl'));
      },
    ],
    ['roots: [null]', (folder, [one, two]) => writeLines(folder, [{ ...one, roots: [null] }, two])],
    ['roots: {}', (folder, [one, two]) => writeLines(folder, [{ ...one, roots: {} }, two])],
    ['no roots', (folder, [one, two]) => writeLines(folder, [{ ...one, roots: [] }, two])],
    [
      'a number as path',
      (folder, [one, two]) => writeLines(folder, [{ ...one, roots: [{ configDir: '/', path: 7, nodes: [] }] }, two]),
    ],
    [
      'nodes of null',
      (folder, [one, two]) =>
        writeLines(folder, [{ ...one, roots: [{ ...(one as { roots: object[] }).roots[0], nodes: [null] }] }, two]),
    ],
    ['an id of another type', (folder, [one, two]) => writeLines(folder, [{ ...one, id: 7 }, two])],
    ['a config dir of another type', (folder, [one, two]) => writeLines(folder, [one, { ...two, configDir: [] }])],
    ['a number that is text', (folder, [one, two]) => writeLines(folder, [one, { ...two, entry: '2' }])],
    ['the number of another line', (folder, [one, two]) => writeLines(folder, [{ ...one, entry: 2 }, two])],
    ['the number of an earlier line', (folder, [one, two]) => writeLines(folder, [one, { ...two, entry: 1 }])],
    ['another project dir', (folder, [one, two]) => writeLines(folder, [{ ...one, projectDir: `${PROJECT}x` }, two])],
    [
      'another project dir in a path',
      (folder, [one, two]) =>
        writeLines(folder, [one, JSON.parse(JSON.stringify(two).replace(`projects/${PROJECT}/`, 'projects/-p/'))]),
    ],
    [
      'a time that no date can hold',
      (folder, [one, two]) =>
        writeLines(folder, [JSON.parse(JSON.stringify(one).replace(/"mtimeMs":/, '"mtimeMs":9e300,"was":')), two]),
    ],
    ['another version', (folder, [one, two]) => writeLines(folder, [one, { ...two, schemaVersion: 9 }])],
    ['values', (folder) => writeLines(folder, [null, 7, [], 'x', {}])],
  ];

  test.each(DAMAGES)('%s: it is reported, and each session is restored as it was', async (_what, damage) => {
    const home = new Home();
    const folder = await home.trash();
    damage(folder, home.lines(folder));
    for (const argv of [
      ['trash'],
      ['trash', '--json'],
      ['recover'],
      ['recover', '-n'],
      ['trash', 'show', ONE],
      ['trash', 'empty', '-n'],
    ]) {
      const { stderr } = await home.run(...argv);
      expect(stderr, argv.join(' ')).toMatch(
        /A manifest in the trash (?:is missing|is damaged|cannot be read).*manifest\.jsonl/,
      );
    }
    const trashed = await home.run('trash', '--json');
    expect(validator('trash')(JSON.parse(trashed.stdout))).toBe('');
    expect((JSON.parse(trashed.stdout) as { id: string; damage: string | null }[]).map(({ id }) => id)).toEqual([
      ONE,
      TWO,
    ]);
    expect(await home.run('restore', '@last-prune', '--keep-times')).toMatchObject({ exitCode: 0 });
    expect(snapshot(home.path)).toEqual(home.before);
    expect(readdirSync(join(home.path, '.ccsess/trash'))).toEqual([]);
  });

  test.each<[string, object]>([
    ['title', { title: 7, cwd: [], kind: 'x', lastActivityAt: {}, reasons: 'x', pruneId: null }],
    ['times and numbers', { trashedAt: 'soon', footprintBytes: -1, files: 'x', reasons: [null, { code: 7 }] }],
  ])('descriptions of a wrong type do no harm: %s', async (_what, wrong) => {
    const home = new Home();
    const folder = await home.trash();
    writeLines(
      folder,
      home.lines(folder).map((line) => ({ ...line, ...wrong })),
    );
    expect(await home.run('trash')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(validator('trash')(JSON.parse((await home.run('trash', '--json')).stdout))).toBe('');
    expect(await home.run('trash', 'empty', '--older-than', '1d', '-n')).toMatchObject({ exitCode: 0 });
    expect(await home.run('restore', ONE, TWO, '--keep-times')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(snapshot(home.path)).toEqual(home.before);
  });
});

describe('without manifest and copy', () => {
  async function lost(): Promise<{ home: Home; folder: string }> {
    const home = new Home();
    const folder = await home.trash();
    for (const name of ['manifest.jsonl', 'manifest.copy.jsonl']) rmSync(join(folder, name));
    return { home, folder };
  }

  test('sessions are found by their transcripts, their other files by name and content', async () => {
    const { home } = await lost();
    const trashed = JSON.parse((await home.run('trash', '--json')).stdout) as object[];
    expect(validator('trash')(trashed)).toBe('');
    expect(trashed).toMatchObject([
      { id: ONE, projectDir: PROJECT, cwd: '/home/dev/app', damage: expect.stringContaining('inferred') as string },
      { id: TWO, projectDir: PROJECT },
    ]);
    expect(await home.run('restore', '@last-prune', '--keep-times')).toMatchObject({ exitCode: 0 });
    const restored = snapshot(home.path);
    for (const id of [ONE, TWO]) {
      // The times of compressed files are lost with the manifest.
      const texts = (tree: Snapshot): Snapshot =>
        Object.fromEntries(
          Object.entries(ofSession(tree, id)).map(([path, text]) => [path, text.replace(/^file \d+ \d+ /, '')]),
        );
      expect(texts(restored)).toEqual(texts(home.before));
    }
  });

  test('such sessions can be deleted with trash empty', async () => {
    const { home } = await lost();
    expect((await home.run('trash', 'empty', '--yes')).stdout).toMatch(/^Permanently deleted: 2 sessions, /);
    expect(readdirSync(join(home.path, '.ccsess/trash'))).toEqual([]);
  });

  test('files that cannot be identified are restored into recovered/ of their session', async () => {
    const { home, folder } = await lost();
    put(join(folder, '1'), { '7/some/thing.bin': 'x', '8': 'text' });
    await home.run('restore', ONE);
    const side = join(home.path, 'projects', PROJECT, ONE);
    expect(readFileSync(join(side, 'recovered/7/some/thing.bin'), 'utf8')).toBe('x');
    expect(readFileSync(join(home.path, 'debug', `${ONE}.txt`), 'utf8')).toBeDefined();
    expect(existsSync(join(folder, '1'))).toBe(false);
  });

  test('files of unknown sessions stay in the trash, are named, and can be deleted with trash empty', async () => {
    const { home, folder } = await lost();
    for (const name of readdirSync(join(folder, '1'))) rmSync(join(folder, '1', name), { recursive: true });
    put(join(folder, '1'), { '0/x': 'junk' });
    const { stderr, exitCode } = await home.run('restore', '@last-prune');
    expect([stderr, exitCode]).toEqual([
      expect.stringContaining(`nothing says which session it was; its files are in ${join(folder, '1')}`),
      3,
    ]);
    expect(existsSync(join(home.path, 'projects', PROJECT, `${TWO}.jsonl`))).toBe(true);
    expect((await home.run('trash', 'empty', '--yes')).stdout).toMatch(/^Permanently deleted: 1 session, /);
    expect(existsSync(folder)).toBe(false);
  });

  test('a session that a killed run left half moved stays in the trash until a person restores it', async () => {
    for (const state of ['moving', 'moved', 'restoring']) {
      const { home, folder } = await lost();
      renameSync(join(folder, '1'), join(folder, `1.${state}`));
      put(home.path, { '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","ended":true}' });
      expect((await home.run('recover')).stdout).toContain('is in the trash');
      expect(await home.run('restore', ONE)).toMatchObject({ stdout: `${ONE}\n`, exitCode: 0 });
    }
  });
});

describe('a damaged file in the trash', () => {
  const packedIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('packed-'));
  const DAMAGES: [string, (bytes: Buffer) => Buffer][] = [
    ['garbage in the middle', (bytes) => Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(40, 0xaa)])],
    [
      'a flipped bit near the end',
      (bytes) => (bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 4, bytes.length - 20), bytes),
    ],
    ['a wrong checksum', (bytes) => (bytes.writeUInt8(bytes.readUInt8(bytes.length - 6) ^ 1, bytes.length - 6), bytes)],
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 30)],
    ['empty', () => Buffer.alloc(0)],
    ['no gzip', () => Buffer.from('not compressed')],
    ['another file', () => gzipSync('other\n')],
  ];

  test.each(DAMAGES)('%s: the rest is restored, the damage is reported, the copy is kept', async (_what, damage) => {
    const home = new Home();
    const folder = join(await home.trash(), '1');
    const [transcript = ''] = packedIn(folder);
    const path = join(folder, transcript);
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    const { stdout, stderr, exitCode } = await home.run('restore', ONE, TWO, '--keep-times');
    expect([stdout, exitCode]).toEqual([`${ONE}\n${TWO}\n`, 3]);
    const kept = join(home.path, 'projects', PROJECT, ONE, `damaged/0-0-${ONE}.jsonl.gz`);
    expect(stderr).toContain(
      `${ONE} is restored, but ${join(home.path, 'projects', PROJECT, `${ONE}.jsonl`)} is damaged in the trash: `,
    );
    expect(stderr).toContain(`the damaged copy is kept as ${kept}.`);
    expect(stderr).not.toMatch(/distance|header|Z_|check/);
    expect(readFileSync(kept)).toEqual(damaged);
    const after = snapshot(home.path);
    const others = (tree: Snapshot): Snapshot =>
      Object.fromEntries(
        Object.entries(tree).filter(
          ([name]) => !name.includes('damaged') && name !== `projects/${PROJECT}/${ONE}.jsonl`,
        ),
      );
    expect(others(after)).toEqual(others(home.before));
    const text = readFileSync(join(home.path, 'projects', PROJECT, `${ONE}.jsonl`), 'utf8');
    expect(text === '' || text.endsWith('\n')).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  test('the lines before the damage are restored', async () => {
    const home = new Home();
    const lines = Array.from({ length: 400 }, (_, n) =>
      promptLine(`Prompt ${n} ${'abcdefghij'.at(n % 10)?.repeat(n % 40)}`, { sessionId: ONE }),
    );
    put(home.path, { [`projects/${PROJECT}/${ONE}.jsonl`]: lines.join('') });
    const folder = join(await home.trash(), '1');
    const path = join(folder, 'packed-0-0.gz');
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length >> 1, 0x55)]));
    await home.run('restore', ONE);
    const text = readFileSync(join(home.path, 'projects', PROJECT, `${ONE}.jsonl`), 'utf8');
    expect(lines.join('').startsWith(text.slice(0, text.length >> 1))).toBe(true);
    expect(text.split('\n').length).toBeGreaterThan(100);
  });

  test('damage is reported again when a failed restore is repeated', async () => {
    const home = new Home();
    const folder = join(await home.trash(), '1');
    writeFileSync(join(folder, 'packed-0-0.gz'), 'x');
    put(home.path, { [`projects/${PROJECT}/${ONE}.jsonl`]: 'in the way\n' });
    expect((await home.run('restore', ONE)).stderr).toContain('exists');
    rmSync(join(home.path, 'projects', PROJECT, `${ONE}.jsonl`));
    expect((await home.run('restore', ONE)).stderr).toContain('is damaged in the trash');
  });

  test('lines that a program wrote to a session in the trash come back and are not reported as damage', async () => {
    const home = new Home();
    const late = promptLine('typed while the session was moved');
    const path = join(home.path, 'projects', PROJECT, `${ONE}.jsonl`);
    const text = readFileSync(path, 'utf8');
    const file = openSync(path, 'a');
    // A file with a second name is not compressed in the trash.
    linkSync(path, `${path}.other`);
    await home.trash();
    writeSync(file, late);
    closeSync(file);
    const { stderr, exitCode } = await home.run('restore', ONE, '--keep-times');
    expect({ exitCode, damaged: stderr.includes('damaged') }).toEqual({ exitCode: 0, damaged: false });
    expect(readFileSync(path, 'utf8')).toBe(`${text}${late}`);
  });

  test.each([
    ['half a line', 'late'],
    ['lines after half a line', '\n', 'x'],
  ])('%s appended to a file in the trash counts as damage', async (_what, more, end = '') => {
    const home = new Home();
    const path = join(home.path, 'projects', PROJECT, `${ONE}.jsonl`);
    appendFileSync(path, end);
    linkSync(path, `${path}.other`);
    await home.trash();
    appendFileSync(`${path}.other`, more);
    const { stderr, exitCode } = await home.run('restore', ONE, '--keep-times');
    expect(stderr).toMatch(/\.jsonl is damaged in the trash: it has \d+ bytes instead of \d+\./);
    expect(exitCode).toBe(3);
  });

  test('missing and shortened files are named too', async () => {
    const home = new Home();
    const folder = join(await home.trash(), '1');
    rmSync(join(folder, 'packed-0-0.gz'));
    writeFileSync(join(folder, '1/custom-title.json'), '{');
    const { stderr, exitCode } = await home.run('restore', ONE);
    expect(stderr).toContain(`${join(home.path, 'projects', PROJECT, `${ONE}.jsonl`)} is missing in the trash.`);
    expect(stderr).toMatch(/custom-title\.json is damaged in the trash: it has 1 bytes instead of \d+\./);
    expect(exitCode).toBe(3);
  });
});

test('a named trash is the same under any spelling of the config dir', async () => {
  const root = disk();
  mkdirSync(join(root, 'real'));
  symlinkSync('real', join(root, 'link'));
  writeSession(join(root, 'real'), ONE);
  const at = (path: string, ...argv: string[]): Promise<Outcome> =>
    run([...argv, '--trash-dir', join(root, 'trash')], {
      configDirs: resolveConfigDirs({ explicit: [path], env: {}, home: '/', cwd: '/' }),
      now: NOW,
    });
  const before = snapshot(join(root, 'real'));
  for (const [one, other] of [
    ['link', 'real'],
    ['real', 'link'],
    ['link/../link', 'real'],
  ].map((names) => names.map((name) => `${root}/${name}`))) {
    expect(await at(one ?? '', 'rm', ONE, '--yes')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse((await at(other ?? '', 'trash', '--json')).stdout)).toMatchObject([{ id: ONE }]);
    expect(await at(other ?? '', 'restore', '@last-prune', '--keep-times')).toMatchObject({
      stdout: `${ONE}\n`,
      exitCode: 0,
    });
    expect(snapshot(realpathSync(join(root, 'real')))).toEqual(before);
  }
});
