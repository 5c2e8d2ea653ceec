import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { finishMove } from '../../../src/retention/apply/move-to-trash.js';
import { joinTranscripts } from '../../../src/retention/restore/join-transcripts.js';
import { appendLateLines } from '../../../src/retention/restore/late-lines.js';
import { putBack } from '../../../src/retention/restore/put-back.js';
import type { TrashedSession } from '../../../src/retention/trash/manifest.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { treeOf } from '../../../src/retention/trash/tree.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { safeName, safeRelativePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine } from '../../support/transcripts.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const [FIRST, SECOND, LATE, LATER] = ['first', 'second', 'late', 'later'].map((text) => promptLine(text)) as [
  string,
  string,
  string,
  string,
];

afterEach(() => void vi.restoreAllMocks());

/** Simulates a program with the file open: at each wait of the tested code it writes the next text ('': nothing). */
function writeLate(path: string, texts: readonly string[]): { waits: () => number; close: () => void } {
  const fd = openSync(path, 'a');
  const left = [...texts];
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    writeSync(fd, left.shift() ?? '');
    return 'timed-out';
  });
  return { waits: () => wait.mock.calls.length, close: () => closeSync(fd) };
}

test('a line written to a remainder after its lines were joined is appended', () => {
  const folder = temporaryFolder('late');
  const [first, place] = [join(folder, '0'), join(folder, `${ID}.jsonl`)];
  writeFileSync(first, FIRST);
  writeFileSync(place, SECOND);
  const program = writeLate(place, ['', '', '', '', '', '', '', '', '', LATE, LATER]);
  joinTranscripts(first, place, { temporary: join(folder, '.joined'), beforeReplacing: () => {} });
  program.close();
  expect([readFileSync(place, 'utf8'), existsSync(first)]).toEqual([FIRST + SECOND + LATE + LATER, false]);
});

test('a line written to the transcript in the trash while it is being joined is joined too', () => {
  const folder = temporaryFolder('late');
  const [first, place] = [join(folder, '0'), join(folder, `${ID}.jsonl`)];
  writeFileSync(first, FIRST);
  writeFileSync(place, SECOND);
  const program = writeLate(first, [LATE]);
  joinTranscripts(first, place, { temporary: join(folder, '.joined'), beforeReplacing: () => {} });
  program.close();
  expect([readFileSync(place, 'utf8'), existsSync(first)]).toEqual([FIRST + LATE + SECOND, false]);
});

test('a line written to a remainder after its lines were appended is appended too', () => {
  const folder = temporaryFolder('late');
  const [from, to] = [join(folder, '0'), join(folder, `${ID}.jsonl`)];
  writeFileSync(from, FIRST);
  writeFileSync(to, SECOND);
  const program = writeLate(to, ['', LATE, '', LATER]);
  putBack(from, to);
  program.close();
  expect([readFileSync(to, 'utf8'), existsSync(`${from}.ccsess-rest-1`)]).toEqual([
    FIRST + SECOND + LATE + LATER,
    false,
  ]);
});

test('late lines are appended once, until none is written for 50 ms', () => {
  const folder = temporaryFolder('late');
  const [old, place] = [join(folder, 'old'), join(folder, 'new')];
  for (const path of [old, place]) writeFileSync(path, FIRST);
  const program = writeLate(old, [LATE]);
  const fd = openSync(old, 'r');
  appendLateLines(fd, FIRST.length, place);
  closeSync(fd);
  program.close();
  expect([readFileSync(place, 'utf8'), program.waits()]).toEqual([FIRST + LATE, 11]);
});

test('if a program never stops writing, the wait ends with an error, and the lines so far are appended', () => {
  const folder = temporaryFolder('late');
  const [from, to] = [join(folder, '0'), join(folder, `${ID}.jsonl`)];
  writeFileSync(from, FIRST);
  writeFileSync(to, SECOND);
  const program = writeLate(to, Array<string>(100_000).fill('{}\n'));
  expect(() => putBack(from, to)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  program.close();
  expect(readFileSync(to, 'utf8').startsWith(`${FIRST + SECOND}{}\n{}\n`)).toBe(true);
  // The remainder waits for the next attempt, which repeats none of its lines.
  const all = FIRST + readFileSync(`${from}.ccsess-rest-1`, 'utf8');
  vi.restoreAllMocks();
  const startedMs = performance.now();
  putBack(from, to);
  expect(readFileSync(to, 'utf8')).toBe(all);
  // `putBack` really waits for late lines.
  expect(performance.now() - startedMs).toBeGreaterThan(45);
});

/** A session that was copied to a trash on another disk, and whose staged files (`waiting`) are not deleted yet. */
function moved(): { entry: TrashEntry; waiting: [string, string]; inside: [string, string] } {
  const configDir = temporaryFolder('late');
  const runFolder = join(temporaryFolder('late'), 'run');
  const session: TrashedSession = {
    schemaVersion: 1,
    id: sessionIdOf(ID),
    projectDir: safeName('-a'),
    entry: 1,
    pruneId: 'run',
    trashedAt: '2026-11-01T00:00:00.000Z',
    configDir,
    cwd: null,
    title: null,
    kind: null,
    lastActivityAt: null,
    footprintBytes: 0,
    files: 2,
    reasons: [],
    roots: [
      { configDir, path: safeRelativePath(`projects/-a/${ID}.jsonl`), nodes: [] },
      { configDir, path: safeRelativePath(`projects/-a/${ID}`), nodes: [] },
    ],
  };
  const entry = new TrashEntry(runFolder, session, 'moved');
  const [transcript, folder] = session.roots as [(typeof session.roots)[0], (typeof session.roots)[0]];
  const paths = (at: (root: typeof transcript) => string): [string, string] => [
    at(transcript),
    join(at(folder), 'subagents/agent-1.jsonl'),
  ];
  const [waiting, inside] = [paths((root) => entry.stagedPath(root)), paths((root) => entry.storedPath(root))];
  for (const path of [...waiting, ...inside]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, FIRST);
    utimesSync(path, 1000, 1000);
  }
  for (const root of session.roots) root.nodes = treeOf(entry.storedPath(root));
  return { entry, waiting, inside };
}

test('lines that reached a staged transcript are in the copy before it is deleted', () => {
  const { entry, waiting, inside } = moved();
  writeFileSync(waiting[0], FIRST + LATE);
  writeFileSync(waiting[1], FIRST + LATER);
  utimesSync(waiting[0], 2000, 3000);
  finishMove(entry, true);
  expect(waiting.map((path) => existsSync(path))).toEqual([false, false]);
  const now = inside.map((path) => path.replace('/1.moved/', '/1/'));
  expect(now.map((path) => readFileSync(path, 'utf8'))).toEqual([FIRST + LATE, FIRST + LATER]);
  expect(statSync(now[0] ?? '').mtimeMs).toBe(3_000_000);
});

test('late lines of which a killed run appended only a part to the copy are completed, and not repeated', () => {
  for (const carried of ['', LATE.slice(0, 10), LATE, LATE + LATER.slice(0, 1)]) {
    const { entry, waiting, inside } = moved();
    writeFileSync(waiting[0], FIRST + LATE + LATER);
    writeFileSync(inside[0], FIRST + carried);
    finishMove(entry, true);
    expect(readFileSync(inside[0].replace('/1.moved/', '/1/'), 'utf8')).toBe(FIRST + LATE + LATER);
  }
});

test('a copy is left alone if there are no late lines, if it has them already, or if a file was cut short', () => {
  for (const [late, copied] of [
    [FIRST, FIRST],
    [FIRST + LATE, FIRST + LATE],
    [FIRST + LATE, 'short\n'],
    ['short\n', FIRST],
  ] as const) {
    const { entry, waiting, inside } = moved();
    writeFileSync(waiting[0], late);
    writeFileSync(inside[0], copied);
    utimesSync(inside[0], 1000, 1000);
    finishMove(entry, true);
    const now = inside[0].replace('/1.moved/', '/1/');
    expect([readFileSync(now, 'utf8'), statSync(now).mtimeMs]).toEqual([copied, 1_000_000]);
  }
});
