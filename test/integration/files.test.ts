import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listTouchedFiles, readFileVersion } from '../../src/index.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import type { SessionRow } from '../../src/session-index/session-index.js';
import {
  listTouchedFiles as touchedFilesOf,
  readFileVersion as versionOf,
} from '../../src/sessions/files/touched-files.js';
import { effectOf, type TouchedFile } from '../../src/sessions/files/file-record.js';
import { run, type Outcome, type World } from '../support/context.js';
import { rounds } from '../support/rounds.js';
import { slowCalls } from '../support/slow-paths.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';
import { answerLine, configDirAt, line, promptLine, temporaryHome, type Members } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';
import { validator } from '../unit/schema/schemas.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const A = '/home/dev/app/src/a.ts';
const B = '/home/dev/app/test/a.ts';
const NOTES = '/home/dev/app/notes.ipynb';
/** The name of the copies of `A` (docs/storage.md, "Checkpoints"). */
const HASH_OF_A = '0123456789abcdef';

function at(second: number): string {
  return `2026-11-20T10:00:${String(second).padStart(2, '0')}.000Z`;
}

/** A call and its result, as two lines; the answer's uuid is the call's id. */
function call(id: string, name: string, input: Members, second: number, outcome: Members = {}): string {
  const { isError = false, parent = 'p1', toolUseResult, ...members } = outcome;
  const message = { id: `msg_${id}`, role: 'assistant', content: [{ type: 'tool_use', id, name, input }], usage: {} };
  const result = [
    { type: 'tool_result', tool_use_id: id, content: 'ok', ...(isError === true ? { is_error: true } : {}) },
  ];
  return [
    answerLine(`msg_${id}`, '', { uuid: id, parentUuid: parent, message, timestamp: at(second), ...members }),
    promptLine('', {
      uuid: `r${id}`,
      parentUuid: id,
      message: { role: 'user', content: result },
      timestamp: at(second + 2),
      ...(toolUseResult === undefined ? {} : { toolUseResult }),
      ...members,
    }),
  ].join('');
}

function snapshot(messageId: string, second: number, files: Members): string {
  const trackedFileBackups = files;
  return line({
    type: 'file-history-snapshot',
    messageId,
    snapshot: { messageId, trackedFileBackups, timestamp: at(second) },
  });
}

/** A session with two prompts, a refused edit, a subagent, and copies of one file. */
function home(): string {
  const backup = { backupFileName: `${HASH_OF_A}@v1`, version: 1, backupTime: at(3) };
  return temporaryHome({
    [`projects/-home-dev-app/${ID}.jsonl`]: [
      promptLine('one', { uuid: 'p1', parentUuid: null, timestamp: at(0) }),
      call('c1', 'Read', { file_path: A }, 1),
      call('c2', 'Edit', { file_path: A, old_string: 'x', new_string: 'y' }, 2, {
        parent: 'rc1',
        toolUseResult: { filePath: A, originalFile: 'x = 1\n' },
      }),
      snapshot('p1', 0, { 'src/a.ts': backup }),
      call('c3', 'Edit', { file_path: B, old_string: 'no', new_string: 'yes' }, 5, { parent: 'rc2', isError: true }),
      call('c4', 'Bash', { command: `echo > ${B}`, file_path: B }, 6, { parent: 'rc3' }),
      promptLine('two', { uuid: 'p2', parentUuid: 'rc4', timestamp: at(10) }),
      snapshot('p2', 10, {
        'src/a.ts': { ...backup, backupFileName: `${HASH_OF_A}@v2`, version: 2, backupTime: at(10) },
      }),
      call('c5', 'Write', { file_path: 'src/a.ts', content: 'é\n' }, 11, { parent: 'p2' }),
      call('c6', 'NotebookEdit', { notebook_path: NOTES }, 14, {
        parent: 'rc5',
        toolUseResult: { original_file: '{}', updated_file: '{"cells":[]}' },
      }),
    ].join(''),
    [`projects/-home-dev-app/${ID}/subagents/agent-s1.jsonl`]: [
      promptLine('task', { isSidechain: true, uuid: 's0', parentUuid: null, timestamp: at(12) }),
      call('c7', 'Edit', { file_path: A, old_string: 'é', new_string: 'e' }, 16, { parent: 's0', isSidechain: true }),
    ].join(''),
    [`file-history/${ID}/${HASH_OF_A}@v1`]: 'x = 1\n',
    [`file-history/${ID}/${HASH_OF_A}@v2`]: 'changed by hand\n',
  }).path;
}

function files(configDir: string, args: string[] = [], world: World = {}): Promise<Outcome> {
  return run(['files', ID, ...args, '--config-dir', configDir], world);
}

describe('ccsess files', () => {
  test('counts the calls of tools for each file, without failed ones and without the shell', async () => {
    expect(await files(home())).toEqual({
      stdout: `${NOTES}\t0\t0\t1\t2\t2\n${A}\t1\t1\t2\t1,2\t5\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('lists the versions of a file from calls and from its history, oldest first', async () => {
    expect(await files(home(), ['src/a.ts'])).toEqual({
      stdout: [
        `1\ttool\tbefore\tEdit\t${at(2)}\t1\t\t6\n`,
        `2\ttool\tafter\tEdit\t${at(4)}\t1\t\t6\n`,
        `3\thistory\tbefore\t\t${at(10)}\t2\t\t16\n`,
        `4\ttool\tafter\tWrite\t${at(13)}\t2\t\t3\n`,
        `5\ttool\tafter\tEdit\t${at(18)}\t2\ts1\t2\n`,
      ].join(''),
      stderr: '',
      exitCode: 0,
    });
  });

  test.each([
    ['1', 'x = 1\n'],
    ['2', 'y = 1\n'],
    ['3', 'changed by hand\n'],
    ['4', 'é\n'],
    ['5', 'e\n'],
  ])('prints version %s as it was', async (version, content) => {
    const configDir = home();
    const outcome = await files(configDir, [A, '--version', version]);
    expect({ ...outcome, stdout: Buffer.from(outcome.stdout as unknown as Uint8Array).toString() }).toEqual({
      stdout: content,
      stderr: '',
      exitCode: 0,
    });
    expect(Buffer.from(await readFileVersion(ID, A, Number(version), { configDir, cacheDir: null })).toString()).toBe(
      content,
    );
  });

  test('writes a version to a new file for you alone, and replaces one only with --force', async () => {
    const configDir = home();
    const target = join(temporaryFolder('out'), 'a.ts');
    const args = ['src/a.ts', '--version', '2', '--out', target];
    expect(await files(configDir, args)).toEqual({ stdout: '', stderr: `Wrote ${target} (6 bytes).\n`, exitCode: 0 });
    expect([readFileSync(target, 'utf8'), (statSync(target).mode & 0o777).toString(8)]).toEqual(['y = 1\n', '600']);
    writeFileSync(target, 'mine');
    expect(await files(configDir, args)).toEqual({
      stdout: '',
      stderr: `ccsess: ${target} exists already: pass --force to replace it.\n`,
      exitCode: 5,
    });
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect((await files(configDir, [...args, '--force'])).exitCode).toBe(0);
    expect(readFileSync(target, 'utf8')).toBe('y = 1\n');
  });

  test.each<[string[], string, number]>([
    [['--version', '1'], '--version needs the path of a file.', 2],
    [['a.ts', '--out', 'x'], '--out needs --version.', 2],
    [['a.ts', '--force'], '--force needs --out.', 2],
    [['a.ts', '--version', '0'], '--version 0: not a whole number of 1 or more.', 2],
    [['src/a.ts', '--version', '9'], `${A} has no version 9: it has versions 1 to 5.`, 4],
    [['b.ts'], "the tools of the session touched no file 'b.ts'.\n  ccsess --config-dir <dir> files <session>", 4],
    [['src/a.ts', '--version', '1', '--out', '/no/such/folder/x'], '/no/such/folder/x cannot be written (ENOENT).', 1],
  ])('refuses %j in one sentence', async (args, message, exitCode) => {
    const configDir = home();
    const stderr = `ccsess: ${message.replace('<dir>', configDir)}\n`;
    expect(await files(configDir, args)).toEqual({ stdout: '', stderr, exitCode });
  });

  test('shows tables on a terminal, cut to its width', async () => {
    const { stdout } = await files(home(), [], { terminal: 60 });
    expect(stdout).toContain('READ  WRITE  EDIT  VERSIONS');
    expect(stdout).toContain('2 files · 2 changed · changes by shell commands are not known');
    expect((await files(home(), ['src/a.ts'], { terminal: 80 })).stdout).toContain(
      'after Edit in prompt 2 by subagent s1',
    );
  });

  test('prints JSON that matches its schema and the result of the library', async () => {
    const configDir = home();
    const report = JSON.parse((await files(configDir, ['--json'])).stdout) as { files: TouchedFile[] };
    expect(validator('touched-files')(report)).toBe('');
    expect(await listTouchedFiles(ID, { configDir, cacheDir: null })).toEqual(report.files);
  });
});

describe('the counts', () => {
  test.each([
    ...fixtureNames('recorded').map((name) => `recorded/${name}`),
    ...fixtureNames('old').map((name) => `old/${name}`),
    'branches',
  ])('agree with a slow reading of every line in %s', async (name) => {
    const configDir = configDirAt(fixtureHome(name));
    const index = await openSessionIndex({ configDirs: [configDir], cacheDir: null, now: () => 0 });
    for (const [at, { cwd }] of index.records(index.rows, { footprint: false }).entries()) {
      const row = index.rows[at]!;
      const counted = touchedFilesOf(row, cwd).files.flatMap(({ path, reads, writes, edits }) =>
        reads + writes + edits === 0 ? [] : [[path, reads, writes, edits]],
      );
      expect({ transcript: row.file.path, counted }).toEqual({ transcript: row.file.path, counted: slowCounts(row) });
    }
  });
});

test('a result that is in the transcript twice is one result', async () => {
  const read = call('c1', 'Read', { file_path: A }, 1);
  const text = `${promptLine('go', { uuid: 'p1', parentUuid: null })}${read}${read.split('\n')[1] ?? ''}\n`;
  const configDir = temporaryHome({ [`projects/-home-dev-app/${ID}.jsonl`]: text }).path;
  expect(await listTouchedFiles(ID, { configDir, cacheDir: null })).toMatchObject([{ path: A, reads: 1 }]);
});

/** As `files`, by parsing everything, subagents included. */
function slowCounts({ file }: SessionRow): (string | number)[][] {
  const calls = [file.path, ...file.agents.map(({ path }) => path)].flatMap((path) => slowCalls(path));
  const columns = [['Read'], ['Write'], ['Edit', 'MultiEdit', 'NotebookEdit']];
  return [...new Set(calls.map(({ path }) => path))]
    .sort()
    .map((path) => [
      path,
      ...columns.map((tools) => calls.filter((call) => call.path === path && tools.includes(call.tool)).length),
    ]);
}

/** Something that happens to a file: a call, or a change that no tool makes. */
const happening = fc.record({
  what: fc.constantFrom('Write', 'Edit', 'Edit all', 'Edit again', 'failed', 'Read', 'by hand'),
  /** The result of the call says what the file was. */
  isRecorded: fc.boolean(),
  bySubagent: fc.boolean(),
  name: fc.constantFrom('a', 'b'),
});

describe('the versions', () => {
  test('are the contents that a file really had, as far as calls show them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 8 }), async (happenings) => {
        const [main, agent]: [string[], string[]] = [[promptLine('go', { uuid: 'p1', parentUuid: null })], []];
        const contents = new Map<string, string>();
        const known = new Map<string, string>();
        const shown = new Map<string, string[]>();
        happenings.forEach(({ what, isRecorded, bySubagent, name }, at) => {
          const path = `/home/dev/app/${name}`;
          const before = contents.get(path) ?? null;
          const versions = shown.get(path) ?? [];
          const show = (content: string): unknown => content !== versions.at(-1) && versions.push(content);
          const change = { file_path: path, old_string: 'x', new_string: `<x${at}>`, replace_all: what === 'Edit all' };
          const lines = bySubagent ? agent : main;
          const toolUseResult = isRecorded ? { originalFile: before, type: before === null ? 'create' : 'update' } : {};
          const outcome = { parent: `u${at}`, isSidechain: bySubagent, toolUseResult };
          const isWrite = what === 'Write' || before === null;
          if (what === 'by hand') contents.set(path, `x by hand ${at} x`);
          else if (what === 'Read') lines.push(call(`c${at}`, 'Read', { file_path: path }, 3 * at, outcome));
          else if (what === 'failed') lines.push(call(`c${at}`, 'Edit', change, 3 * at, { ...outcome, isError: true }));
          else {
            const after = isWrite
              ? `x written ${at} x`
              : what === 'Edit all'
                ? before.replaceAll('x', `<x${at}>`)
                : before.replace('x', `<x${at}>`);
            const input = isWrite ? { file_path: path, content: after } : change;
            lines.push(call(`c${at}`, isWrite ? 'Write' : 'Edit', input, 3 * at, outcome));
            const isKnown = isWrite || isRecorded || known.get(path) === before;
            if (isRecorded && before !== null) show(before);
            if (isKnown) show(after);
            contents.set(path, after);
            if (isKnown) known.set(path, after);
            else known.delete(path);
            shown.set(path, versions);
          }
        });
        // After an unrecorded change by hand, an edit may produce content that never existed.
        fc.pre(!happenings.some(({ what }) => what === 'by hand') || happenings.every(({ isRecorded }) => isRecorded));
        const configDir = temporaryHome({
          [`projects/-home-dev-app/${ID}.jsonl`]: main.join(''),
          [`projects/-home-dev-app/${ID}/subagents/agent-s.jsonl`]: agent.join(''),
        });
        const { rows } = await openSessionIndex({ configDirs: [configDir], cacheDir: null, now: () => 0 });
        const row = rows[0]!;
        for (const { path, versions } of touchedFilesOf(row, null).files) {
          const found = versions.map(({ version }) => versionOf(row, null, path, version)?.toString());
          expect([path, found]).toEqual([path, shown.get(path) ?? []]);
        }
      }),
      { numRuns: rounds(20) },
    );
  });
});

describe('the content that an edit leaves', () => {
  test('equals replacing the text, once or everywhere', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.string(),
        fc.boolean(),
        (start, from, to, end, all) => {
          const before = start + from + end + from;
          const expected = all ? before.replaceAll(from, () => to) : before.replace(from, () => to);
          const input = { old_string: from, new_string: to, replace_all: all };
          expect(effectOf('Edit', input, { originalFile: before }, null)).toEqual({ before, after: expected });
          expect(effectOf('Edit', input, null, before)).toEqual({ before: null, after: expected });
        },
      ),
    );
  });

  test('is unknown where the text is not in the file, or the file is unknown', () => {
    const input = { old_string: 'b', new_string: 'c' };
    expect(effectOf('Edit', input, null, 'a')).toEqual({ before: null, after: null });
    expect(effectOf('Edit', input, null, null)).toEqual({ before: null, after: null });
    expect(
      effectOf('Edit', { old_string: '', new_string: 'new' }, { type: 'create', originalFile: null }, 'a'),
    ).toEqual({
      before: null,
      after: 'new',
    });
  });
});
