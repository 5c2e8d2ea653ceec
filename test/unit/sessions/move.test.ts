import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { projectKey } from '../../../src/claude/project-key.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { safeName, type SafeName } from '../../../src/system/safe-path.js';
import type { Environment } from '../../../src/claude/environment.js';
import { isMoveInterrupted, recoverMoves } from '../../../src/sessions/move/move.js';
import { carryRest, carryTranscript, recordFolder, locateTranscript } from '../../../src/sessions/move/carry.js';
import { destination, newFolder, oldFolder } from '../../../src/sessions/move/folders.js';
import { dropJournal, sessionsNamedIn, writeJournal } from '../../../src/sessions/move/journal.js';
import { withMoveLock } from '../../../src/sessions/move/lock.js';
import type { SessionStep } from '../../../src/sessions/move/model.js';
import { IDLE } from '../../support/context.js';
import { movingHome, relocated, sessionId, spilled, type MovingHome } from '../../support/moving.js';
import { addFile, line } from '../../support/transcripts.js';

const configDirOf = ({ home }: MovingHome): ConfigDir =>
  resolveConfigDirs({ explicit: [], env: {}, home, cwd: home })[0] as ConfigDir;
const environmentOf = (at: MovingHome, system = IDLE): Environment => ({
  configDirs: [configDirOf(at)],
  now: () => 0,
  system,
  env: {},
  home: at.home,
  cwd: at.home,
});
const recover = (at: MovingHome): ReturnType<typeof recoverMoves> => recoverMoves(environmentOf(at));

describe('the new path of a folder', () => {
  const old = { path: '/w/app', names: ['/w/app', '/real/app'] };
  test.each<[string, string | null]>([
    ['/w/app', '/n'],
    ['/w/app/a/b', '/n/a/b'],
    ['/real/app/a', '/n/a'],
    ['/w/app-old', null],
    ['/w/application/a', null],
    ['/w', null],
    ['/w/app/../other', null],
    ['/w/app/', '/n'],
    ['', null],
  ])('%s → %s', (cwd, to) => {
    expect(destination(cwd, old, '/n')).toBe(to);
  });

  test('is the old one again after a move back', () => {
    const names = fc.array(
      fc.stringMatching(/^[a-z .*[\]-]{1,6}$/).filter((name) => !/^\.+$/.test(name)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(names, names, names, (from, to, below) => {
        const [there, back] = [['/p', ...from].join('/'), ['/q', ...to].join('/')];
        const cwd = [there, ...below].join('/');
        expect(
          destination(
            destination(cwd, { path: there, names: [there] }, back) ?? '',
            { path: back, names: [back] },
            there,
          ),
        ).toBe(cwd);
      }),
    );
  });

  test('starts from the current folder or the home, as the old one does', () => {
    const at = movingHome();
    const place = { cwd: at.make('here'), home: at.home };
    expect(oldFolder('../gone', '/n', place).names).toEqual([at.folder('gone')]);
    expect(oldFolder('~/gone', '/n', place).path).toBe(at.folder('gone'));
    expect(newFolder('.', place)).toBe(at.folder('here'));
  });
});

describe('a move that was killed is finished or rolled back', () => {
  /** A move of two sessions, of which the first is under way. */
  const interrupted = (): { at: MovingHome; step: SessionStep } => {
    const at = movingHome();
    const result = at.at('old', `${sessionId(1)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    addFile('/', at.at('old', 'agent-x.jsonl'), line({ sessionId: sessionId(1) }));
    addFile('/', at.at('old', 'memory/MEMORY.md'), 'remember');
    const steps = [1, 2].map((n): SessionStep => {
      const { size, mtimeMs } = statSync(at.session(n, 'old', n === 1 ? [spilled(result)] : []));
      const [from, to] = ['old', 'new'].map((name) => safeName(projectKey(at.folder(name)))) as [SafeName, SafeName];
      return {
        id: sessionIdOf(sessionId(n)),
        from,
        to,
        cwd: at.folder('new'),
        size,
        mtimeMs,
        agents: n === 1 ? [safeName('agent-x.jsonl')] : [],
      };
    });
    const [step] = steps as [SessionStep];
    writeJournal({
      configDir: configDirOf(at),
      sessions: steps,
      memory: [{ from: step.from, to: step.to }],
      readers: [],
    });
    return { at, step };
  };

  const STAGES: [string, (configDir: ConfigDir, step: SessionStep, at: MovingHome) => void][] = [
    ['its transcript has moved', () => {}],
    ['a write to it was begun', (_configDir, _step, at) => utimesSync(at.at('new', `${sessionId(1)}.jsonl`), 5, 5)],
    ['the rest has moved too', carryRest],
    [
      'only a part of the rest has moved',
      (_configDir, _step, at) => addFile('/', at.at('new', `${sessionId(1)}/archived.json`), '{}'),
    ],
    ['its folder is recorded', (configDir, step) => (carryRest(configDir, step), recordFolder(configDir, step))],
    [
      'its folder is recorded, but its times are not restored',
      (configDir, step, at) => (recordFolder(configDir, step), utimesSync(at.at('new', `${sessionId(1)}.jsonl`), 5, 5)),
    ],
    [
      'a copy of it was half written',
      (_configDir, _step, at) => addFile('/', at.at('new', `.${sessionId(1)}.jsonl.abc.tmp`), 'half'),
    ],
  ];

  test.each(STAGES)('if %s: it is moved completely, and the other session stays', async (_stage, reach) => {
    const { at, step } = interrupted();
    const configDir = configDirOf(at);
    const times = at.times();
    carryTranscript(configDir, step);
    reach(configDir, step, at);
    expect(isMoveInterrupted(configDir, environmentOf(at))).toBe(true);
    expect(await recover(at)).toEqual([
      { configDir, moved: [sessionId(1)], stayed: [sessionId(2)], twofold: [], refused: [], setAside: null },
    ]);
    const text = readFileSync(at.at('new', `${sessionId(1)}.jsonl`), 'utf8');
    expect(text.endsWith(`}\n${relocated(1, at.folder('new'))}`)).toBe(true);
    expect(text.match(/relocated"/g)).toHaveLength(1);
    expect(text).toContain(`"persistedOutputPath":"${at.at('new', `${sessionId(1)}/tool-results/b1.txt`)}"`);
    expect(at.times()).toEqual(times);
    expect(readdirSync(at.at('old', '')).sort()).toEqual([`${sessionId(2)}.jsonl`, 'memory']);
    expect(readdirSync(at.at('new', '')).sort()).toEqual([sessionId(1), `${sessionId(1)}.jsonl`, 'agent-x.jsonl']);
    expect(readdirSync(join(at.home, '.claude/.ccsess'))).toEqual(['reserve']);
    expect(await recover(at)).toEqual([]);
  });

  test('if no session had moved yet: none is moved, and no folder is left behind', async () => {
    const { at, step } = interrupted();
    const before = at.tree();
    mkdirSync(at.at('new', ''));
    expect(await recover(at)).toMatchObject([{ moved: [], stayed: [step.id, sessionId(2)] }]);
    expect(at.tree()).toEqual(before);
  });

  test('if all sessions had moved: memory/ is moved too, and empty folders are removed', async () => {
    const { at, step } = interrupted();
    for (const id of [1, 2].map((n) => sessionIdOf(sessionId(n)))) carryTranscript(configDirOf(at), { ...step, id });
    await recover(at);
    expect(existsSync(at.at('old', ''))).toBe(false);
    expect(readFileSync(at.at('new', 'memory/MEMORY.md'), 'utf8')).toBe('remember');
  });

  test('with lines that were written since kept', async () => {
    const { at, step } = interrupted();
    carryTranscript(configDirOf(at), step);
    const path = at.at('new', `${sessionId(1)}.jsonl`);
    appendFileSync(path, '{"type":"user"}\n');
    utimesSync(path, 7, 7);
    await recover(at);
    expect(readFileSync(path, 'utf8').split('\n').slice(-3)).toEqual([
      '{"type":"user"}',
      relocated(1, at.folder('new')).trimEnd(),
      '',
    ]);
    expect(statSync(path).mtimeMs).toBe(7000);
  });

  test('with the times of a session that stays in its project dir restored', async () => {
    const { at, step } = interrupted();
    const [configDir, path] = [configDirOf(at), at.at('old', `${sessionId(1)}.jsonl`)];
    const within = { ...step, to: step.from };
    writeJournal({ configDir, sessions: [within], memory: [], readers: [] });
    recordFolder(configDir, within);
    utimesSync(path, 5, 5);
    expect(await recover(at)).toMatchObject([{ stayed: [step.id] }]);
    expect(statSync(path).mtimeMs).toBe(step.mtimeMs);
  });

  test('except a session that a running process wrote anew at the old path, which is reported', async () => {
    const { at, step } = interrupted();
    carryTranscript(configDirOf(at), step);
    writeFileSync(at.at('old', `${sessionId(1)}.jsonl`), '{"type":"user"}\n');
    expect(locateTranscript(configDirOf(at), step)).toBe('both');
    expect(await recover(at)).toMatchObject([{ moved: [], stayed: [sessionId(2)], twofold: [step.id] }]);
    expect(readFileSync(at.at('old', `${sessionId(1)}.jsonl`), 'utf8')).toBe('{"type":"user"}\n');
  });

  test('but not while it still runs', async () => {
    const { at } = interrupted();
    const configDir = configDirOf(at);
    const environment = environmentOf(at, { ...IDLE, pidExists: () => true });
    await withMoveLock(configDir, environment, () => expect(isMoveInterrupted(configDir, environment)).toBe(false));
    expect(isMoveInterrupted(configDir, environment)).toBe(true);
  });
});

test.each([
  'no JSON',
  '{"sessions":[],"memory":[],"readers":[]}',
  '{"version":1,"sessions":[{"id":"../../x","from":"a","to":"b","cwd":"/","size":1,"mtimeMs":1,"agents":[]}],' +
    '"memory":[],"readers":[]}',
  '{"version":1,"sessions":[],"memory":[{"from":"../..","to":"b"}],"readers":[]}',
  '{"version":1,"sessions":[],"memory":[{"from":"a\\u0000","to":"b"}],"readers":[]}',
  '{"version":1,"sessions":[],"memory":[],"readers":[null]}',
  ...[
    { cwd: null },
    { size: '1' },
    { mtimeMs: null },
    { agents: null },
    { agents: ['../agent-x.jsonl'] },
    { agents: ['notes.jsonl'] },
  ].map((wrong) => {
    const step = { id: sessionId(1), from: 'a', to: 'b', cwd: '/', size: 1, mtimeMs: 1, agents: [], ...wrong };
    return JSON.stringify({ version: 1, sessions: [step], memory: [], readers: [] });
  }),
])('a damaged journal is set aside, byte for byte: %s', async (text) => {
  const at = movingHome();
  const path = addFile(at.home, '.claude/.ccsess/move.journal', text);
  const setAside = `${path}.damaged`;
  expect(await recoverMoves(environmentOf(at))).toMatchObject([{ moved: [], stayed: [], refused: [], setAside }]);
  expect([existsSync(path), readFileSync(setAside, 'utf8')]).toEqual([false, text]);
  addFile(at.home, '.claude/.ccsess/move.journal', 'more');
  expect(await recoverMoves(environmentOf(at))).toMatchObject([{ setAside: `${setAside}-2` }]);
  expect(await recoverMoves(environmentOf(at))).toEqual([]);
  expect(readFileSync(setAside, 'utf8')).toBe(text);
});

test('sessions are named by the first MiB of a damaged journal, each once', () => {
  const at = movingHome();
  const ids = [1, 2, 3].map(sessionId);
  const [first, second, third = ''] = ids;
  const start = `${first} ${second} ${first} `;
  const journal = `${start.padEnd(1024 * 1024 - third.length)}${third}`;
  const named = (text: string): string[] => sessionsNamedIn(addFile(at.home, 'journal', text));
  expect(named(journal)).toEqual(ids);
  expect(named(` ${journal}`)).toEqual(ids.slice(0, 2));
  expect(sessionsNamedIn(join(at.home, 'none'))).toEqual([]);
});

test('a link in place of a journal is set aside as a link, and not followed', async () => {
  const at = movingHome();
  const target = addFile(at.home, 'elsewhere', 'keep');
  mkdirSync(join(at.home, '.claude/.ccsess'), { recursive: true });
  symlinkSync(target, join(at.home, '.claude/.ccsess/move.journal'));
  await recoverMoves(environmentOf(at));
  expect(readlinkSync(join(at.home, '.claude/.ccsess/move.journal.damaged'))).toBe(target);
  expect(readFileSync(target, 'utf8')).toBe('keep');
});

test('the journal of a newer version is kept where it is, and stops every change', async () => {
  const at = movingHome();
  const text = '{"version":2,"sessions":[],"memory":[],"readers":[]}';
  const path = addFile(at.home, '.claude/.ccsess/move.journal', text);
  await expect(recoverMoves(environmentOf(at))).rejects.toMatchObject({
    code: 'IO',
    message: `a newer ccsess was interrupted while it moved sessions: ${path}.`,
  });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('half-written journals are removed although the journal itself is gone already', () => {
  const at = movingHome();
  addFile(at.home, '.claude/.ccsess/.move.journal.abc.tmp', '{"version":1');
  dropJournal(configDirOf(at));
  expect(readdirSync(join(at.home, '.claude/.ccsess'))).toEqual([]);
});
