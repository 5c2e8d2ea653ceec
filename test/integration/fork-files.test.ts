import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ClaudeLaunch } from '../../src/claude/launch.js';
import { ownMark } from '../../src/system/temporaries.js';
import { A, B, Home } from '../support/amended.js';
import type { Outcome, World } from '../support/context.js';
import { answerLine, line, promptLine, type Members } from '../support/transcripts.js';

/** The writer of a temporary file, which has ended: no process has so high an id. */
const ENDED = `ffffff${ownMark()}abcdef`;
const C = 'aaaaaaaa-0000-4000-8000-00000000000c';
const PROJECT = 'projects/-home-dev-app';
const PARENT = `${PROJECT}/${A}.jsonl`;
const FORK = `${PROJECT}/${C}.jsonl`;

let home: Home;
beforeEach(
  () =>
    void (home = new Home({
      [`-home-dev-app/${A}`]: promptLine('one', { sessionId: A }) + answerLine('msg_1', 'first', { sessionId: A }),
    })),
);

function fork(flags: readonly string[] = [], world: World = {}): Promise<Outcome> {
  return home.run(['fork', A, '--id', C, ...flags], world);
}
function add(...entries: Members[]): void {
  home.put(
    PARENT,
    (home.read(PARENT) ?? '') +
      entries
        .map((entry) => line({ sessionId: A, isSidechain: false, timestamp: '2026-11-20T10:01:00.000Z', ...entry }))
        .join(''),
  );
}
function forked(file = FORK): Members[] {
  return (home.read(file) ?? '')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Members);
}
/** Everything below a folder of the home. */
function below(folder: string): string[] {
  return existsSync(home.path(folder)) ? readdirSync(home.path(folder), { recursive: true }).map(String).sort() : [];
}

describe('saved tool output', () => {
  const spilled = (path: string): Members => ({
    type: 'user',
    message: {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: `saved to: ${path}\n\nPreview` },
        { type: 'text', text: `not in ${path}` },
      ],
    },
    toolUseResult: { stdout: 'x', persistedOutputPath: path, persistedOutputSize: 5 },
  });

  test('is copied, and its new path is in the entry and in the text of its result', async () => {
    home.put(`${PROJECT}/${A}/tool-results/b1.txt`, 'long');
    home.put(`${PROJECT}/${A}/tool-results/b2.txt`, 'named by no entry');
    const old = `/somewhere/else/.claude/projects/-old-name/${A}/tool-results/b1.txt`; // the project was moved since
    add(spilled(old), {
      type: 'assistant',
      message: { role: 'assistant', content: [{ type: 'text', text: `see ${old}` }] },
    });
    await fork();
    const path = home.path(`${PROJECT}/${C}/tool-results/b1.txt`);
    const found = forked();
    expect(found[4]).toMatchObject({
      toolUseResult: { stdout: 'x', persistedOutputPath: path, persistedOutputSize: 5 },
      message: { content: [{ content: `saved to: ${path}\n\nPreview` }, { text: `not in ${old}` }] },
    });
    expect(found[5]).toMatchObject({ message: { content: [{ text: `see ${old}` }] } });
    expect([
      home.read(`${PROJECT}/${C}/tool-results/b1.txt`),
      home.read(`${PROJECT}/${C}/tool-results/b2.txt`),
    ]).toEqual(['long', 'named by no entry']);
    expect([
      home.stat(`${PROJECT}/${C}/tool-results`).mode,
      home.stat(`${PROJECT}/${C}/tool-results/b1.txt`).mode,
    ]).toEqual(['700', '600']);
  });

  test('is copied to a fork of a fork, even if a file of that name exists', async () => {
    home.put(`projects/-home-dev-api/${B}/tool-results/b1.txt`, 'from B');
    home.put(`${PROJECT}/${A}/tool-results/b1.txt`, 'from A');
    add(
      spilled(home.path(`projects/-home-dev-api/${B}/tool-results/b1.txt`)),
      spilled(home.path(`${PROJECT}/${A}/tool-results/b1.txt`)),
    );
    await fork();
    const read = forked()
      .slice(4, 6)
      .map((entry) =>
        readFileSync((entry['toolUseResult'] as { persistedOutputPath: string }).persistedOutputPath, 'utf8'),
      );
    expect(read).toEqual(['from B', 'from A']);
    expect(below(`${PROJECT}/${C}/tool-results`)).toHaveLength(2);
  });

  test.each([
    ['is gone', `/x/projects/-home-dev-app/${A}/tool-results/gone.txt`],
    ['is outside the session', '/etc/passwd'],
    ['leads out', `/x/projects/-home-dev-app/${A}/tool-results/..`],
    ['is a link', `/x/projects/-home-dev-app/${A}/tool-results/link.txt`],
  ])('that %s is not changed', async (_, path) => {
    mkdirSync(home.path(`${PROJECT}/${A}/tool-results`), { recursive: true });
    symlinkSync('/etc/passwd', home.path(`${PROJECT}/${A}/tool-results/link.txt`));
    add(spilled(path));
    await fork();
    expect(forked()[4]).toMatchObject({ toolUseResult: { persistedOutputPath: path } });
    expect(below(`${PROJECT}/${C}`)).toEqual(['custom-title.json']);
  });
});

describe('subagents', () => {
  const agent = (name: string, text: string, folder = 'subagents'): string =>
    home.put(
      `${PROJECT}/${A}/${folder}/agent-${name}.jsonl`,
      promptLine(text, { sessionId: A, agentId: name, isSidechain: true }) +
        answerLine(`msg_${name}`, text, { sessionId: A, isSidechain: true }),
    );
  const meta = (name: string, members: Members): string =>
    home.put(`${PROJECT}/${A}/subagents/agent-${name}.meta.json`, JSON.stringify(members));
  const call = (id: string): Members => ({
    type: 'assistant',
    message: { id: `msg_${id}`, role: 'assistant', content: [{ type: 'tool_use', id, name: 'Agent', input: {} }] },
  });

  beforeEach(() => {
    agent('one', 'called');
    meta('one', { toolUseId: 'toolu_1' });
    agent('two', 'called by one');
    meta('two', { toolUseId: 'toolu_2', parentAgentId: 'one' });
    agent('three', 'called in a part that is left out');
    meta('three', { toolUseId: 'toolu_3' });
    agent('four', 'of three');
    meta('four', { toolUseId: 'toolu_4', parentAgentId: 'three' });
    agent('old', 'of an old version, without a word on who called it');
    home.put(`${PROJECT}/agent-loose.jsonl`, promptLine('older still', { sessionId: A, isSidechain: true }));
  });

  test('that the fork calls are copied with their own, under its id, but not those of omitted messages', async () => {
    add(call('toolu_1'), { type: 'user', message: { role: 'user', content: 'left out' } }, call('toolu_3'));
    expect((await fork(['--at', '1'])).exitCode).toBe(0);
    expect(below(`${PROJECT}/${C}/subagents`).filter((name) => name.endsWith('.jsonl'))).toEqual([
      'agent-loose.jsonl',
      'agent-old.jsonl',
      'agent-one.jsonl',
      'agent-two.jsonl',
    ]);
    const copy = forked(`${PROJECT}/${C}/subagents/agent-two.jsonl`);
    expect(copy.map(({ sessionId }) => sessionId)).toEqual([C, C]);
    expect(copy[0]).toMatchObject({ agentId: 'two', isSidechain: true, message: { content: 'called by one' } });
    expect(home.read(`${PROJECT}/${C}/subagents/agent-two.meta.json`)).toBe(
      '{"toolUseId":"toolu_2","parentAgentId":"one"}',
    );
  });

  test('of workflows are copied with their run', async () => {
    const run = 'wf_4cb9d68a-4cc';
    agent('w', 'in a workflow', `subagents/workflows/${run}`);
    agent('x', 'in another', 'subagents/workflows/wf_00000000-000');
    home.put(`${PROJECT}/${A}/subagents/workflows/${run}/journal.jsonl`, line({ type: 'result', sessionId: A }));
    home.put(`${PROJECT}/${A}/workflows/${run}.json`, '{}');
    home.put(`${PROJECT}/${A}/workflows/scripts/w-${run}.js`, 'x');
    home.put(`${PROJECT}/${A}/workflows/scripts/w-wf_00000000-000.js`, 'x');
    add({
      type: 'user',
      message: { role: 'user', content: [{ type: 'tool_result', content: 'launched' }] },
      toolUseResult: { runId: run },
    });
    await fork();
    const found = below(`${PROJECT}/${C}`).filter((name) => name.includes('workflows/'));
    expect(found).toEqual([
      `subagents/workflows/${run}`,
      `subagents/workflows/${run}/agent-w.jsonl`,
      `subagents/workflows/${run}/journal.jsonl`,
      'workflows/scripts',
      `workflows/scripts/w-${run}.js`,
      `workflows/${run}.json`,
    ]);
    expect(home.read(`${PROJECT}/${C}/subagents/workflows/${run}/journal.jsonl`)).toBe(
      line({ type: 'result', sessionId: C }),
    );
  });
});

test('files and folders with names that are not UTF-8 are copied with tool results and workflows', async () => {
  const run = 'wf_4cb9d68a-4cc';
  const folders = ['tool-results', `subagents/workflows/${run}`];
  const odd = (folder: string, ...names: string[]): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff]), ...names.map((name) => Buffer.from(name))]);
  for (const name of folders) {
    const folder = home.path(`${PROJECT}/${A}/${name}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(odd(folder), name, { mode: 0o644 });
    mkdirSync(odd(folder, '.d'));
    writeFileSync(odd(folder, '.d/inside'), 'inside');
    symlinkSync('/etc/passwd', odd(folder, '.link'));
  }
  add({
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', content: 'launched' }] },
    toolUseResult: { runId: run },
  });
  expect((await fork()).exitCode).toBe(0);
  for (const name of folders) {
    const folder = home.path(`${PROJECT}/${C}/${name}`);
    expect(readdirSync(folder, { encoding: 'latin1' })).toEqual(['a\xff', 'a\xff.d']);
    expect([readFileSync(odd(folder), 'utf8'), readFileSync(odd(folder, '.d/inside'), 'utf8')]).toEqual([
      name,
      'inside',
    ]);
    expect([lstatSync(odd(folder)).mode & 0o777, lstatSync(odd(folder, '.d')).mode & 0o777]).toEqual([0o600, 0o700]);
  }
});

describe('checkpoints of files', () => {
  test('are copied with their backups, as hard links, if their message is', async () => {
    const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
    const snapshot = (n: number, backupFileName: string | null): Members => ({
      type: 'file-history-snapshot',
      messageId: uuid(n),
      snapshot: { messageId: uuid(n), trackedFileBackups: { 'f.txt': { backupFileName } } },
      sessionId: undefined,
    });
    for (const name of ['x@v1', 'x@v2', 'x@v3']) home.put(`file-history/${A}/${name}`, name);
    home.put('file-history/secret', 'no');
    add({ type: 'user', uuid: uuid(1), message: { content: 'a' } }, snapshot(1, 'x@v1'), snapshot(1, '../secret'));
    add(
      {
        type: 'file-history-delta',
        messageId: 'later',
        snapshotMessageId: uuid(1),
        backup: { backupFileName: 'x@v2' },
      },
      { type: 'user', uuid: uuid(2), message: { content: 'b' } },
      snapshot(2, 'x@v3'),
    );
    await fork(['--at', uuid(1)]);
    expect(forked().filter(({ type }) => String(type).startsWith('file-history'))).toHaveLength(3);
    expect(below(`file-history/${C}`)).toEqual(['x@v1', 'x@v2']);
    expect(statSync(home.path(`file-history/${C}/x@v1`)).ino).toBe(statSync(home.path(`file-history/${A}/x@v1`)).ino);
    expect(home.stat(`file-history/${C}`).mode).toBe('700');
  });
});

describe('--cwd', () => {
  test('creates the fork as a session of that folder', async () => {
    const folder = realpathSync(mkdirAt('other place'));
    expect(
      await fork(['--cwd', 'other place', '--title', 'There'], {
        cwd: home.configDir.path,
        terminal: 200,
        home: home.configDir.path,
      }),
    ).toMatchObject({
      stdout: expect.stringMatching(
        [
          '^Forked "one" as "There" in ~/other place',
          '  id    aaaaaaaa-.*c',
          '  file  ~/projects/.*-other-place/aaaaaaaa-.*\\.jsonl',
          'Next: ccsess resume aaaaaaaa      or, in that folder: claude --resume There\n$',
        ].join('\n'),
      ) as string,
    });
    expect((await home.run(['show', C])).stdout).toContain('forked from 3f2a91c0 one\n');
    const [session] = JSON.parse((await home.run(['list', '--json', '--title', 'There'])).stdout) as Members[];
    expect(session).toMatchObject({
      id: C,
      cwd: folder,
      projectDir: folder.replace(/[^A-Za-z0-9]/g, '-'),
      forkedFrom: { id: A },
    });
    expect(home.read(String(session?.['transcript']).slice(home.configDir.path.length + 1))).toContain(
      `{"type":"relocated","relocatedCwd":${JSON.stringify(folder)},"sessionId":"${C}"}\n`,
    );
  });

  test.each([
    ['nowhere', 'no such folder'],
    ['file', 'not a folder'],
  ])('%s: %s', async (name, why) => {
    home.put('file', '');
    expect(await fork(['--cwd', name], { cwd: home.configDir.path })).toEqual({
      stdout: '',
      stderr: `ccsess: --cwd ${name}: ${why}.\n`,
      exitCode: 2,
    });
  });

  test('replaces the folder that its parent was moved to, which a fork without it keeps', async () => {
    const folder = realpathSync(mkdirAt('other place'));
    const moved = `{"type":"relocated","relocatedCwd":"/elsewhere","sessionId":"${A}"}\n`;
    home.put(`projects/-home-dev-app/${A}.jsonl`, (home.read(`projects/-home-dev-app/${A}.jsonl`) ?? '') + moved);
    const folders = (text: string | null): unknown[] =>
      (text ?? '').split('\n').flatMap((each) => /"relocatedCwd":"([^"]*)"/.exec(each)?.[1] ?? []);
    await fork(['--cwd', 'other place'], { cwd: home.configDir.path });
    expect(folders(home.read(`projects/${folder.replace(/[^A-Za-z0-9]/g, '-')}/${C}.jsonl`))).toEqual([folder]);
    const other = 'aaaaaaaa-0000-4000-8000-00000000000d';
    const { exitCode } = await home.run(['fork', A, '--id', other]);
    const found = readdirSync(home.path('projects'), { recursive: true, encoding: 'utf8' });
    const path = found.find((name) => name.endsWith(`${other}.jsonl`)) ?? '';
    expect([exitCode, folders(home.read(`projects/${path}`))]).toEqual([0, ['/elsewhere']]);
  });

  function mkdirAt(name: string): string {
    mkdirSync(home.path(name));
    return home.path(name);
  }
});

describe('--resume', () => {
  test('starts Claude Code on the terminal with the fork, in its folder, and prints its id', async () => {
    const folder = realpathSync(home.configDir.path);
    const started: ClaudeLaunch[] = [];
    const world: World = {
      env: { CCSESS_CLAUDE_BIN: process.execPath },
      claude: (launch) => (started.push(launch), { exitCode: 3 }),
    };
    expect(await fork(['--resume', '--cwd', folder, '--', '-p', 'hi'], world)).toEqual({
      stdout: '',
      stderr: `${C}\n`,
      exitCode: 3,
    });
    expect(started).toEqual([
      { program: process.execPath, args: [`--resume=${C}`, '-p', 'hi'], cwd: folder, configDir: home.configDir.path },
    ]);
  });
});

describe('a refused fork leaves nothing behind', () => {
  let before: string[];
  beforeEach(() => void (before = below('.')));

  test.each([
    [
      'an invalid id',
      ['--id', 'x1'],
      2,
      "'x1' is not a session id: expected a uuid such as 3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.",
    ],
    ['an id in upper case', ['--id', C.toUpperCase()], 2, `session ids are in lower case: ${C}.`],
    ['a title nobody sees', ['--title', ' \u200b'], 2, 'a title needs at least one visible character.'],
    ['a tag nobody sees', ['--tag', ' '], 2, 'a tag needs at least one visible character.'],
    [
      '--resume with --json',
      ['--resume', '--json'],
      2,
      '--resume and --json cannot be combined: Claude Code writes the output.',
    ],
    ['--resume without claude', ['--resume'], 127, "'claude' is not on PATH: is Claude Code installed?"],
    [
      'arguments for claude without --resume',
      ['--', '-p', 'hi'],
      2,
      'arguments after -- are for claude: pass --resume as well.',
    ],
  ])('%s', async (_, flags, exitCode, message) => {
    const { stdout, stderr, exitCode: code } = await home.run(['fork', A, ...flags]);
    expect([stdout, code]).toEqual(['', exitCode]);
    expect(stderr).toContain(message);
    expect(below('.')).toEqual(before);
  });

  test('the same id in two projects needs a folder', async () => {
    home.put(`projects/-home-dev-api/${A}.jsonl`, promptLine('other', { cwd: '/home/dev/api' }));
    expect((await home.run(['fork', A])).exitCode).toBe(4);
    expect((await home.run(['fork', A, '-p', '/home/dev/api', '--id', C])).stdout).toBe(`${C}\n`);
    expect(below('projects/-home-dev-api')).toContain(`${C}.jsonl`);
  });

  test('an id of a session in any project, or of leftover files', async () => {
    home.put(`projects/-home-dev-api/${B}.jsonl`, promptLine('x'));
    const path = home.path(`projects/-home-dev-api/${B}.jsonl`);
    const stderr = `ccsess: session ${B} exists already: ${path}.\n  leave out --id for an id of its own\n`;
    expect(await home.run(['fork', A, '--id', B])).toEqual({ stdout: '', stderr, exitCode: 5 });
    home.put(`${PROJECT}/${C}/custom-title.json`, '{}');
    expect(await fork()).toMatchObject({ stdout: '', exitCode: 5 });
    expect(below('.').filter((name) => name.endsWith('.tmp') || name.endsWith(`${C}.jsonl`))).toEqual([]);
  });

  test('a session without a message', async () => {
    home.put(PARENT, line({ type: 'custom-title', customTitle: 'x', sessionId: A }));
    expect(await fork()).toEqual({
      stdout: '',
      stderr: `ccsess: session ${A} has no messages to fork.\n`,
      exitCode: 4,
    });
  });

  test('a project dir that is not a folder', async () => {
    const key = home.configDir.path.replace(/[^A-Za-z0-9]/g, '-');
    home.put(`projects/${key}`, '');
    expect(await fork(['--cwd', home.configDir.path])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining(key) as string,
      exitCode: 1,
    });
    expect(below('.')).toEqual([...before, `projects/${key}`].sort());
  });

  test('a dry run', async () => {
    const stdout = `Would fork "one" at prompt 1 as "one (fork)"\n  id    ${C}\n  file  ${home.path(FORK)}\n`;
    expect(await fork(['-n', '--at', '1'])).toEqual({ stdout, stderr: '', exitCode: 0 });
    const lastUuid = /"uuid":"([^"]+)"/.exec(home.read(PARENT)?.trim().split('\n').at(-1) ?? '')?.[1];
    expect(JSON.parse((await fork(['-n', '--json', '--tag', 't'])).stdout)).toEqual({
      ...{
        schemaVersion: 1,
        configDir: home.configDir.path,
        dryRun: true,
        id: C,
        title: 'one (fork)',
        tag: 't',
        cwd: '/home/dev/app',
      },
      ...{
        projectDir: '-home-dev-app',
        transcript: home.path(FORK),
        forkedFrom: { id: A, messageUuid: lastUuid },
      },
    });
    expect((await home.run(['fork', A, '-n'])).stdout).toBe('Would fork "one" as "one (fork)"\n');
    expect(await home.record(['fork', A, '-n'])).toMatchObject({ id: null, transcript: null, title: 'one (fork)' });
    expect(below('.')).toEqual(before);
  });
});

describe('files left by a crash', () => {
  test('are removed by the next fork if the process that wrote them is gone', async () => {
    const [old, fresh, foreign] = [
      `.${B}.jsonl.${ENDED}.tmp`,
      // A temporary file of a process that still runs: this one.
      `.${B}.jsonl.${process.pid.toString(16).padStart(6, '0')}${ownMark()}210210.tmp`,
      `.notes.${ENDED}.tmp`,
    ];
    for (const name of [
      `${PROJECT}/${old}`,
      `${PROJECT}/${fresh}`,
      `${PROJECT}/${foreign}`,
      `${PROJECT}/.${B}.${ENDED}.tmp/custom-title.json`,
      `file-history/.${B}.${ENDED}.tmp/x`,
    ]) {
      home.put(name, 'x');
    }
    await fork();
    expect(below(PROJECT).filter((name) => name.endsWith('.tmp'))).toEqual([foreign, fresh].sort());
    expect(below('file-history')).toEqual([]);
    expect(lstatSync(home.path(FORK)).isFile()).toBe(true);
  });
});
