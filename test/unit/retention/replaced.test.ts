import type * as Fs from 'node:fs';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { fileKey } from '../../../src/system/process/written-files.js';
import { forgetOldFile } from '../../../src/retention/replaced-record.js';
import { ReplacedTranscripts, finishReplacements } from '../../../src/retention/replaced.js';
import { localSystem, type System } from '../../../src/system/system.js';
import { safeName } from '../../../src/system/safe-path.js';
import { IDLE } from '../../support/context.js';
import { movingHome } from '../../support/moving.js';

const links = vi.hoisted(() => ({ refused: false }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const link: typeof fs.linkSync = (...args) => {
    if (links.refused) throw Object.assign(new Error('EPERM: link'), { code: 'EPERM' });
    fs.linkSync(...args);
  };
  const mocked = { ...fs, linkSync: link };
  return { ...mocked, default: mocked };
});

const MINUTE = 60 * 1000;
const START = '{"n":1}\n{"n":2}\n';

beforeEach(() => void Object.assign(links, { refused: false }));

/** Creates a transcript that was replaced by a copy with different first lines. */
function scene(text = START) {
  const { home } = movingHome();
  const configDir = resolveConfigDirs({ explicit: [], env: {}, home, cwd: home })[0] as ConfigDir;
  const path = join(home, '.claude/projects/-a/t.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const clock = { now: 0 };
  const old = statSync(path);
  const runOf = (system: System) => new ReplacedTranscripts(configDir, { system, now: () => clock.now });
  /** Replaces the transcript by a copy of it, after which a program wrote `late` to it. */
  const copy = (run: ReplacedTranscripts, late = ''): boolean => {
    const temporary = join(dirname(path), '.copy');
    const size = statSync(path).size;
    const lines = readFileSync(path, 'utf8').split('\n');
    const unfinished = lines.pop() ?? '';
    copyFileSync(path, temporary);
    appendFileSync(path, late);
    const copied = { lines: lines.length, bytes: size - unfinished.length, size };
    return run.replace(temporary, statSync(path), {
      path: ['-a', 't.jsonl'].map(safeName),
      copied,
      results: new Map([['-old/x', safeName('-new')]]),
    });
  };
  const folder = join(home, '.claude/.ccsess/replaced');
  return {
    home,
    configDir,
    path,
    clock,
    copy,
    runOf,
    writing: { ...IDLE, transcriptsBeingWritten: () => new Set([fileKey(old)]) } satisfies System,
    added: () => readFileSync(path, 'utf8').slice(text.length),
    kept: () => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
    settle: (system: System = IDLE) => runOf(system).finish({ patient: false }),
  };
}

/** A program that has the transcript open. */
function writer(path: string) {
  const fd = openSync(path, 'a');
  return { write: (text: string) => writeSync(fd, text), close: () => closeSync(fd) };
}

describe('a line that a program writes to a replaced transcript', () => {
  test('is carried over, and the old file is removed once no process has it open', async () => {
    const { path, copy, runOf, settle, added, kept, writing } = scene();
    const program = writer(path);
    expect(copy(runOf(IDLE))).toBe(true);
    expect(kept()).toHaveLength(2);
    program.write('{"late":1}\n{"late":1}\n');
    await settle(writing);
    program.write('{"late":2}\n');
    appendFileSync(path, '{"mine":1}\n');
    await settle(writing);
    await settle(writing);
    expect(added()).toBe('{"late":1}\n{"late":1}\n{"mine":1}\n{"late":2}\n');
    expect(kept()).toHaveLength(2);
    program.write('{"late":3}\n');
    program.close();
    await settle();
    expect(added()).toBe('{"late":1}\n{"late":1}\n{"mine":1}\n{"late":2}\n{"late":3}\n');
    expect(kept()).toEqual([]);
    expect(existsSync(join(path, '../../../.ccsess/replaced'))).toBe(false);
  });

  test('is seen in the real process table', async () => {
    const { path, copy, runOf, settle, added, kept } = scene();
    const program = writer(path);
    copy(runOf(IDLE));
    program.write('{"late":1}\n');
    await settle(localSystem());
    expect(kept()).toHaveLength(2);
    program.close();
    const reader = openSync(path, 'r');
    await settle(localSystem());
    closeSync(reader);
    expect([added(), kept()]).toEqual(['{"late":1}\n', []]);
  });

  test('is waited for until it is written', async () => {
    const { path, copy, runOf, added, kept } = scene();
    const program = writer(path);
    const run = runOf(localSystem());
    copy(run);
    setTimeout(() => {
      program.write('{"late":1}\n');
      program.close();
    }, 20);
    await run.finish({ patient: true });
    expect([added(), kept()]).toEqual(['{"late":1}\n', []]);
  });

  test('is waited for during ten minutes where the system does not show open files', async () => {
    const { path, copy, runOf, clock, settle, added, kept } = scene();
    const blind: System = { ...IDLE, transcriptsBeingWritten: () => null };
    const program = writer(path);
    copy(runOf(blind));
    clock.now = 10 * MINUTE - 1;
    await settle(blind);
    expect(kept()).toHaveLength(2);
    program.write('{"late":1}\n');
    program.close();
    clock.now += 1;
    await settle(blind);
    expect([added(), kept()]).toEqual(['{"late":1}\n', []]);
  });

  test('before it is replaced is carried over at once if it is complete', async () => {
    for (const [late, added] of [
      ['{"late":1}\n', '{"late":1}\n'],
      ['{"late":1}\n{"half', '{"late":1}\n'],
    ] as const) {
      const made = scene();
      const program = writer(made.path);
      made.copy(made.runOf(IDLE), late);
      expect(made.added()).toBe(added);
      program.write('":2}\n');
      program.close();
      await made.settle();
      expect(made.added()).toBe(`${late}":2}\n`);
    }
  });

  test('names its tool result by the new path', async () => {
    const { path, copy, runOf, settle, added } = scene();
    const program = writer(path);
    copy(runOf(IDLE));
    const line = (dir: string): string =>
      `{"toolUseResult":{"persistedOutputPath":"/c/projects/${dir}/x/tool-results/b.txt"}}\n`;
    program.write(line('-old'));
    program.close();
    await settle();
    expect(added()).toBe(line('-new'));
  });

  test('is whole, even if it was half written when the transcript was copied', async () => {
    const { path, copy, runOf, settle, added, writing } = scene(`${START}{"half`);
    const program = writer(path);
    copy(runOf(IDLE));
    await settle(writing);
    expect(added()).toBe('');
    program.write('":1}\n{"torn');
    await settle(writing);
    expect(added()).toBe('\n{"half":1}\n');
    program.close();
    await settle();
    expect(added()).toBe('\n{"half":1}\n{"torn\n');
  });

  test('follows its session into another project dir', async () => {
    const { path, copy, runOf, settle, kept } = scene();
    const program = writer(path);
    copy(runOf(IDLE));
    program.write('{"late":1}\n');
    program.close();
    const moved = join(path, '../../-b/t.jsonl');
    mkdirSync(dirname(moved));
    renameSync(path, moved);
    await settle();
    expect(readFileSync(moved, 'utf8')).toBe(`${START}{"late":1}\n`);
    expect(kept()).toEqual([]);
  });

  test('is carried over by a command that takes no lock, unless another holds it', async () => {
    const { home, path, configDir, copy, runOf, added } = scene();
    const program = writer(path);
    copy(runOf(IDLE));
    program.write('{"late":1}\n');
    program.close();
    const environment = { configDirs: [configDir], now: () => 0, system: IDLE, env: {}, home, cwd: home };
    const lock = join(configDir.path, '.ccsess/lock');
    writeFileSync(lock, '{"pid":7,"startTime":null,"pidDomain":null,"at":"1970-01-01T00:00:00Z","trashDirs":[]}');
    const busy: System = { ...IDLE, pidExists: () => true };
    await finishReplacements(configDir, { ...environment, system: busy });
    expect(added()).toBe('');
    await finishReplacements(configDir, environment);
    expect([added(), existsSync(lock)]).toEqual(['{"late":1}\n', false]);
  });

  test('is carried over by the same run where files cannot be linked', async () => {
    links.refused = true;
    const { path, copy, runOf, writing, added, kept } = scene();
    const program = writer(path);
    const run = runOf(writing);
    expect(copy(run)).toBe(true);
    expect(kept()).toEqual([]);
    setTimeout(() => program.write('{"late":1}\n'), 30);
    await run.finish({ patient: true });
    program.close();
    expect(added()).toBe('{"late":1}\n');
  });
});

test('lines that cannot be carried over where files cannot be linked are an error of the same run', async () => {
  links.refused = true;
  const { path, copy, runOf, writing } = scene();
  const run = runOf(writing);
  const program = writer(path);
  copy(run);
  program.write('{"late":1}\n');
  program.close();
  // Nothing can be appended to an empty transcript.
  writeFileSync(path, '');
  await expect(run.finish({ patient: false })).rejects.toMatchObject({
    code: 'IO',
    message: 'lines written to -a/t.jsonl while it was moved could not be carried over.',
  });
  // The next command does not know of the old file.
  await expect(run.finish({ patient: false })).resolves.toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('lines that cannot be carried over yet are tried again until the run ends', async () => {
  links.refused = true;
  const { path, copy, runOf, writing } = scene();
  const run = runOf(writing);
  const program = writer(path);
  copy(run);
  program.write('{"late":1}\n');
  program.close();
  writeFileSync(path, '');
  setTimeout(() => writeFileSync(path, START), 30);
  await run.finish({ patient: true });
  expect(readFileSync(path, 'utf8')).toBe(`${START}{"late":1}\n`);
});

test('a transcript that was replaced by another file, or has lost lines, is not touched', () => {
  const { path, copy, runOf, kept } = scene();
  const run = runOf(IDLE);
  const replace = (original: Fs.Stats, size: number): boolean => {
    writeFileSync(join(dirname(path), '.copy'), 'copy');
    const change = {
      path: ['-a', 't.jsonl'].map(safeName),
      copied: { lines: 2, bytes: size, size },
      results: new Map(),
    };
    return run.replace(join(dirname(path), '.copy'), original, change);
  };
  expect(replace(statSync(path), START.length + 1)).toBe(false);
  const before = statSync(path);
  writeFileSync(join(dirname(path), 'other'), START);
  renameSync(join(dirname(path), 'other'), path);
  expect(replace(before, START.length)).toBe(false);
  const change = {
    path: ['-a', 't.jsonl'].map(safeName),
    copied: { lines: 2, bytes: 16, size: 16 },
    results: new Map(),
  };
  expect(() => run.replace(join(dirname(path), 'gone'), statSync(path), change)).toThrow('ENOENT');
  expect([readFileSync(path, 'utf8'), kept()]).toEqual([START, []]);
  expect(copy(run)).toBe(true);
});

describe('a kill', () => {
  const record = (path: readonly string[] = ['-a', 't.jsonl'], more: object = {}): string =>
    JSON.stringify({
      version: 1,
      path,
      copied: { lines: 2, bytes: 16, size: 16 },
      results: [],
      at: new Date(0),
      ...more,
    });
  const keep = ({ home }: { home: string }, text: string): string => {
    const kept = join(home, '.claude/.ccsess/replaced/0123456789abcdef');
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(`${kept}.json`, text);
    return kept;
  };

  test('before the transcript is replaced: nothing is carried over', async () => {
    const made = scene();
    linkSync(made.path, `${keep(made, record())}.jsonl`);
    writeFileSync(join(made.home, '.claude/.ccsess/replaced/.0123456789abcdef.json.0123456789ab.tmp'), 'half');
    await made.settle();
    expect([made.added(), made.kept(), statSync(made.path).nlink]).toEqual(['', [], 1]);
  });

  test('a record without its file is removed', async () => {
    const made = scene();
    keep(made, record());
    await made.settle();
    expect([made.added(), made.kept()]).toEqual(['', []]);
  });

  test('lines go to the transcript on record, even if its session is in another project dir too', async () => {
    const made = scene();
    const other = join(made.home, '.claude/projects/-other/t.jsonl');
    mkdirSync(dirname(other));
    writeFileSync(other, START);
    writeFileSync(`${keep(made, record())}.jsonl`, `${START}{"late":1}\n`);
    await made.settle();
    expect([made.added(), readFileSync(other, 'utf8'), made.kept()]).toEqual(['{"late":1}\n', START, []]);
  });

  test('an old file whose session is gone is removed with its record', async () => {
    const made = scene();
    writeFileSync(`${keep(made, record(['-gone', 'x.jsonl']))}.jsonl`, `${START}{"late":1}\n`);
    await made.settle();
    expect([made.added(), made.kept()]).toEqual(['', []]);
  });

  test.each<[string, (made: ReturnType<typeof scene>) => string]>([
    ['is not one', () => 'no JSON'],
    ['has another version', () => record(undefined, { version: 2 })],
    ['leads out of the projects', () => record(['..', 'outside', 't.jsonl'])],
    ['names no transcript', () => record(['-a'])],
    ['counts less than nothing', () => record(undefined, { copied: { lines: -1, bytes: 0, size: 0 } })],
    ['counts a fraction of a byte', () => record(undefined, { copied: { lines: 2, bytes: 15.5, size: 16 } })],
    ['lacks one of the counts', () => record(undefined, { copied: { lines: 2, bytes: 16 } })],
    ['has no counts', () => record(undefined, { copied: null })],
    ['has no time', () => record(undefined, { at: 'then' })],
    ['has results without an id', () => record(undefined, { results: [[7, 'y']] })],
    ['has results that are not pairs', () => record(undefined, { results: [['-a/x', '-b', '-c']] })],
    ['has results that are not a list', () => record(undefined, { results: {} })],
    ['has results that lead elsewhere', () => record(undefined, { results: [['-a/x', '../y']] })],
    [
      'leads through a linked project dir',
      ({ home }) => (symlinkSync(join(home, 'outside'), join(home, '.claude/projects/-l')), record(['-l', 'o.jsonl'])),
    ],
    [
      'leads to a linked transcript',
      ({ home }) => (
        symlinkSync(join(home, 'outside/o.jsonl'), join(home, '.claude/projects/-a/l.jsonl')), record(['-a', 'l.jsonl'])
      ),
    ],
  ])('a record that %s changes nothing', async (_why, recordFor) => {
    const made = scene();
    const outside = join(made.home, 'outside/o.jsonl');
    mkdirSync(dirname(outside));
    writeFileSync(outside, START);
    const kept = keep(made, recordFor(made));
    writeFileSync(`${kept}.jsonl`, `${START}{"late":1}\n`);
    await made.settle();
    expect([readFileSync(outside, 'utf8'), made.added()]).toEqual([START, '']);
  });

  test('a record of a copy without lines is valid', async () => {
    const made = scene();
    const kept = keep(made, record(undefined, { copied: { lines: 0, bytes: 0, size: 0 } }));
    writeFileSync(`${kept}.jsonl`, `${START}{"late":1}\n`);
    await made.settle();
    expect([made.added(), made.kept()]).toEqual(['{"late":1}\n', []]);
  });

  test('is checked every 10 ms, but only while its writer may still write', async () => {
    const looksAt = async (make: (made: ReturnType<typeof scene>) => void): Promise<number> => {
      const made = scene();
      make(made);
      let listings = 0;
      const transcriptsBeingWritten = (): Set<string> => {
        listings++;
        return made.writing.transcriptsBeingWritten();
      };
      await made.runOf({ ...IDLE, transcriptsBeingWritten }).finish({ patient: true });
      return listings;
    };
    const linkOf = (made: ReturnType<typeof scene>): string => `${keep(made, record())}.jsonl`;
    // From 10 to 260 ms.
    expect(await looksAt((made) => made.copy(made.runOf(made.writing)))).toBe(26);
    expect(await looksAt((made) => symlinkSync('nowhere', linkOf(made)))).toBe(1);
    expect(await looksAt((made) => mkdirSync(linkOf(made)))).toBe(1);
    expect(await looksAt((made) => keep(made, 'no JSON'))).toBe(1);
    expect(await looksAt(() => {})).toBe(0);
    expect(forgetOldFile('/nowhere/kept')).toBe(true);
  });

  test('an old file that is a link, or a linked folder of them, is not read', async () => {
    const made = scene();
    const outside = join(made.home, 'outside.jsonl');
    writeFileSync(outside, `${START}{"late":1}\n`);
    symlinkSync(outside, `${keep(made, record())}.jsonl`);
    await made.settle();
    expect(made.added()).toBe('');
    const folder = join(made.home, '.claude/.ccsess/replaced');
    renameSync(folder, join(made.home, 'elsewhere'));
    writeFileSync(join(made.home, 'elsewhere/0123456789abcdef.json'), record());
    symlinkSync(join(made.home, 'elsewhere'), folder);
    await made.settle();
    expect([made.added(), readdirSync(join(made.home, 'elsewhere'))]).toEqual([
      '',
      ['0123456789abcdef.json', '0123456789abcdef.jsonl'],
    ]);
  });
});
