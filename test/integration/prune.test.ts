import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PrunePlan } from '../../src/retention/model.js';
import { NOW } from '../support/builders.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { fullId, writeLeftover, writeSession } from '../support/sessions.js';
import { addFile, line } from '../support/transcripts.js';
import { SCHEMAS, validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';

const MINUTE = 60_000;

let home: string;
let root: string;

beforeEach(() => {
  home = temporaryFolder('prune');
  root = join(home, '.claude');
  mkdirSync(join(root, 'projects'), { recursive: true });
});

const prune = (words: string, world: World = {}): Promise<Outcome> =>
  run(['prune', ...words.split(' ').filter((word) => word !== '')], { home, cwd: home, ...world });

async function planned(words: string, world: World = {}): Promise<PrunePlan> {
  const { stdout, stderr, exitCode } = await prune(`${words} ${words.includes('--yes') ? '' : '-n'} --json`, world);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const plan = JSON.parse(stdout) as PrunePlan;
  expect(validator('plan')(plan)).toBe('');
  const { plan: schema } = SCHEMAS;
  expect([plan, plan.policy, plan.totals].map((each) => Object.keys(each))).toEqual(
    [schema, schema?.properties?.['policy'], schema?.properties?.['totals']].map((each) => each?.required),
  );
  for (const [name, items] of [
    ['removal', plan.remove],
    ['kept', plan.keep],
  ] as const) {
    for (const item of items) expect(Object.keys(item)).toEqual(schema?.$defs?.[name]?.required);
  }
  return plan;
}

const idsOf = ({ remove }: PrunePlan): string[] => remove.map(({ id }) => id.replace(/0*-.*/, ''));
const keptBy = ({ keep }: PrunePlan): Record<string, string[]> =>
  Object.fromEntries(keep.map(({ id, reasons }) => [id.replace(/0*-.*/, ''), reasons.map(({ code }) => code)]));
const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

describe('age is activity', () => {
  test('an old file with recent activity is kept, a recent file with old activity is removed', async () => {
    writeSession(root, { id: 'a1', days: 40, mtimeDays: 1 });
    writeSession(root, { id: 'b2', days: 1, mtimeDays: 40 });
    expect(idsOf(await planned('--older-than 30d'))).toEqual(['a1']);
  });

  test('is the newest mtime, and marked as such, if no entry has a time', async () => {
    const empty = addFile(root, `projects/-home-dev-app/${fullId('e1')}.jsonl`, '');
    const titled = addFile(
      root,
      `projects/-home-dev-app/${fullId('e2')}.jsonl`,
      line({ type: 'custom-title', customTitle: 'x' }),
    );
    for (const path of [empty, titled]) utimesSync(path, NOW / 1000 - 40 * 86_400, NOW / 1000 - 40 * 86_400);
    const { remove } = await planned('--older-than 30d');
    expect(remove.map(({ ageSource }) => ageSource)).toEqual(['mtime', 'mtime']);
    expect(remove[0]?.lastActivityAt).toBe(new Date(NOW - 40 * 86_400_000).toISOString());
  });

  test('entries without a readable time have no age, and their session is kept', async () => {
    const path = addFile(
      root,
      `projects/-home-dev-app/${fullId('e3')}.jsonl`,
      line({ type: 'user', uuid: 'x', parentUuid: null, message: { role: 'user', content: 'hi' }, timestamp: 'soon' }),
    );
    utimesSync(path, 1e9, 1e9);
    expect(keptBy(await planned('--prompts-at-most 5'))).toEqual({ e3: ['unknown-age'] });
    expect(idsOf(await planned('--older-than 30d'))).toEqual([]);
  });
});

describe('protections of a session', () => {
  test('a running process, a background job, and a process whose session is unknown', async () => {
    for (const id of ['a1', 'b2', 'c3']) writeSession(root, { id, days: 40 });
    addFile(
      root,
      'sessions/77.json',
      JSON.stringify({ pid: 77, sessionId: fullId('a1'), procStart: '5', status: 'idle' }),
    );
    addFile(
      root,
      'sessions/78.json',
      JSON.stringify({ pid: 78, sessionId: fullId('c3'), procStart: '5', status: 'idle' }),
    );
    addFile(root, 'jobs/b2000000/state.json', JSON.stringify({ sessionId: fullId('b2'), state: 'working' }));
    const system = { ...IDLE, pidExists: (pid: number) => pid === 77 || pid === 79, startTime: () => '5' };
    const plan = await planned('--older-than 30d', { system });
    expect(idsOf(plan)).toEqual(['c3']);
    expect(plan.keep.map(({ reasons }) => reasons[0])).toEqual([
      { code: 'live', detail: 'pid 77' },
      { code: 'live', detail: 'working' },
    ]);

    addFile(root, 'sessions/79.json', '{"pid": 79, "sess');
    const { stdout } = await prune('--older-than 30d -n --json', { system });
    expect(JSON.parse(stdout)).toMatchObject({ remove: [], totals: { keep: 3 } });
    expect(await prune('--older-than 30d --yes --quiet', { system })).toEqual({
      stdout: '',
      stderr:
        'ccsess: nothing was moved, since any session may be live, perhaps in pid 79: ' +
        `${join(root, 'sessions/79.json')} does not say.\n`,
      exitCode: 3,
    });
  });

  test('a change within the idle window, and a date in the future', async () => {
    writeSession(root, { id: 'a1', days: 40, mtimeDays: 5 / 1440 });
    writeSession(root, { id: 'b2', days: 40, beside: { 'subagents/agent-x.jsonl': '' } });
    utimesSync(join(root, `projects/-home-dev-app/${fullId('b2')}/subagents/agent-x.jsonl`), NOW / 1000, NOW / 1000);
    writeSession(root, { id: 'c3', days: 40, mtimeDays: -2 });
    expect(keptBy(await planned('--older-than 30d'))).toEqual({ a1: ['recent'], b2: ['recent'], c3: ['future'] });
    expect(idsOf(await planned('--older-than 30d --min-idle 4min'))).toEqual(['a1']);
  });

  test('is reported with the command that lifts it, if there is one', async () => {
    writeSession(root, { id: 'a1', days: 40, beside: { 'pinned.json': '{}' } });
    const archived = JSON.stringify({ archived: true, at: new Date(NOW).toISOString() });
    writeSession(root, { id: 'b2', days: 40, beside: { 'archived.json': archived } });
    writeSession(root, { id: 'c3', days: 40, mtimeDays: 5 / 1440 });
    writeSession(root, { id: 'd4', days: 40 });
    await prune('--older-than 30d --yes');
    await run(['restore', fullId('d4'), '--keep-times'], { home, cwd: home });
    const kept = async (words: string): Promise<string> =>
      (await prune(`--older-than 30d -n ${words}`, { terminal: 400 })).stdout.split('Selected, but kept: ')[1] ?? '';
    const ways = ['pinned (ccsess unpin)', 'archived (--include-archived)', 'recently restored (--include-restored)'];
    for (const way of [...ways, 'in recent use (--min-idle 1min)']) expect(await kept('')).toContain(`1 ${way}`);
    expect(await kept('--include-archived --include-restored')).not.toMatch(/archived|restored/);
    utimesSync(join(root, `projects/-home-dev-app/${fullId('c3')}.jsonl`), NOW / 1000, NOW / 1000);
    expect(await kept('--min-idle 1min')).toMatch(/1 in recent use[,.]/);
  });

  test('pins, archives and copies, and another copy of the id that is protected', async () => {
    writeSession(root, { id: 'a1', days: 40, beside: { 'pinned.json': '{}' } });
    writeSession(root, { id: 'a1', days: 41, cwd: '/home/dev/other' });
    writeSession(root, {
      id: 'b2',
      days: 40,
      beside: { 'archived.json': JSON.stringify({ archived: true, at: new Date(NOW).toISOString() }) },
    });
    expect(keptBy(await planned('--older-than 30d'))).toEqual({ a1: ['pinned'], b2: ['archived'] });
    expect((await planned('--older-than 30d')).keep.map(({ reasons }) => reasons[0]?.code)).toEqual([
      'other-copy',
      'pinned',
      'archived',
    ]);
    expect(idsOf(await planned('--older-than 30d --include-archived'))).toEqual(['b2']);
  });

  test('a fork that is kept and names its files, but not one that is removed too', async () => {
    writeSession(root, { id: 'a1', days: 50, beside: { 'tool-results/x.txt': 'long' } });
    const named = join(root, 'projects/-home-dev-app', fullId('a1'), 'tool-results/x.txt');
    writeSession(root, { id: 'b2', days: 40, forkedFrom: 'a1', prompt: named });
    writeSession(root, { id: 'c3', days: 1, forkedFrom: 'b2', prompt: named });
    expect(keptBy(await planned('--older-than 30d'))).toEqual({ a1: ['forked-from'] });
    expect(idsOf(await planned('--older-than 30d'))).toEqual(['b2']);
    expect(idsOf(await planned('--older-than 12h'))).toEqual(['a1', 'b2', 'c3']);
  });

  test('a transcript or a project dir that is a link, but not unexpected files in a side folder', async () => {
    const outside = join(home, 'outside');
    renameSync(writeSession(root, { id: 'a1', days: 40 }), join(mkdir(outside), 'a.jsonl'));
    symlinkSync(join(outside, 'a.jsonl'), join(root, `projects/-home-dev-app/${fullId('a1')}.jsonl`));
    writeSession(join(outside, 'more'), { id: 'b2', days: 40, cwd: '/linked' });
    symlinkSync(join(outside, 'more/projects/-linked'), join(root, 'projects/-linked'));
    writeSession(root, { id: 'c3', days: 40, beside: { 'what-is-this.bin': 'x', 'tool-results/x': '' } });
    symlinkSync('/etc', join(root, `projects/-home-dev-app/${fullId('c3')}/tool-results/etc`));
    const plan = await planned('--older-than 30d');
    expect(keptBy(plan)).toEqual({ a1: ['unrecognised'], b2: ['not-ours'] });
    expect(idsOf(plan)).toEqual(['c3']);
  });
});

describe('scope', () => {
  test('-p is that folder alone, without what --worktrees adds', async () => {
    writeSession(root, { id: 'a1', days: 40, cwd: home });
    writeSession(root, { id: 'b2', days: 40, cwd: join(home, 'below') });
    expect(idsOf(await planned('-p . --older-than 30d'))).toEqual(['a1']);
    expect((await planned('-p . --older-than 30d')).totals).toMatchObject({ scanned: 1, remove: 1 });
  });

  test('kind, title and tag narrow', async () => {
    writeSession(root, { id: 'a1', days: 40, title: 'Nightly run', tag: 'nightly' });
    writeSession(root, { id: 'b2', days: 40, entrypoint: 'sdk-cli' });
    expect(idsOf(await planned('--older-than 30d --kind headless'))).toEqual(['b2']);
    expect(idsOf(await planned('--older-than 30d --title NIGHTLY'))).toEqual(['a1']);
    expect(idsOf(await planned('--older-than 30d --tag night'))).toEqual([]);
    for (const tag of ['nightly', '#nightly'])
      expect(idsOf(await planned(`--older-than 30d --tag ${tag}`))).toEqual(['a1']);
  });
});

describe('--orphans', () => {
  test('side folders and files of ids without a transcript, in no registry and no job', async () => {
    writeSession(root, { id: 'a1', days: 1 });
    writeLeftover(root, `projects/-home-dev-app/${fullId('d4')}`, 40);
    writeLeftover(root, `file-history/${fullId('d4')}`, 40);
    writeLeftover(root, `session-env/${fullId('e5')}`, 40);
    writeLeftover(root, `tasks/${fullId('f6')}`, 40);
    writeLeftover(root, `tasks/${fullId('f7')}`, 0.5);
    writeLeftover(root, `tasks/${fullId('a1')}`, 40);
    writeLeftover(root, 'projects/-home-dev-app/memory', 40);
    addFile(root, 'sessions/77.json', JSON.stringify({ pid: 77, sessionId: fullId('f6') }));
    const plan = await planned('--orphans');
    expect(plan.remove.map(({ id, files, projectDir }) => [id.slice(0, 2), files, projectDir])).toEqual([
      ['d4', 2, '-home-dev-app'],
      ['e5', 1, ''],
    ]);
    expect(keptBy(plan)).toEqual({ f7: ['recent'] });

    expect((await planned('--orphans --yes')).totals).toMatchObject({ removed: 2 });
    expect(filesBelow(root).filter((name) => /[de][45]0000/.test(name) && !name.startsWith('.ccsess'))).toEqual([]);
  });

  test('are refused where a project dir is missing or unreadable, or there is no transcript', async () => {
    writeLeftover(root, `tasks/${fullId('f6')}`, 40);
    expect(await prune('--orphans -n')).toMatchObject({
      stdout: '',
      stderr: 'ccsess: --orphans: there are no transcripts, so everything would be a leftover.\n',
      exitCode: 1,
    });
    writeSession(root, { id: 'a1', days: 1 });
    symlinkSync(join(home, 'not-mounted'), join(root, 'projects/-elsewhere'));
    const { stderr, exitCode } = await prune('--orphans -n');
    expect([stderr.split('\n').at(-2), exitCode]).toEqual([
      `ccsess: --orphans: ${join(root, 'projects/-elsewhere')} cannot be read, so leftovers cannot be identified.`,
      1,
    ]);
  });

  test('are none if nothing is left at all, as after a prune that removed every session', async () => {
    writeSession(root, { id: 'a1', days: 40 });
    expect((await planned('--older-than 30d --orphans --yes')).totals).toMatchObject({ removed: 1 });
    expect((await planned('--older-than 30d --orphans --yes')).totals).toMatchObject({ removed: 0 });
  });

  test('do not include files of a transcript that cannot be read', async () => {
    writeSession(root, { id: 'a1', days: 1 });
    symlinkSync(join(home, 'not-mounted.jsonl'), join(root, `projects/-home-dev-app/${fullId('b2')}.jsonl`));
    mkdirSync(join(root, `projects/-home-dev-app/${fullId('c3')}.jsonl`));
    for (const id of ['b2', 'c3', 'd4']) writeLeftover(root, `file-history/${fullId(id)}`, 40);
    const { stdout } = await prune('--orphans -n --json');
    expect(idsOf(JSON.parse(stdout) as PrunePlan)).toEqual(['d4']);
  });
});

describe('--empty', () => {
  test('selects sessions without a prompt, an answer, a given title and a tag', async () => {
    const note = {
      type: 'system',
      subtype: 'informational',
      content: '',
      uuid: 'u',
      parentUuid: null,
      entrypoint: 'cli',
      timestamp: new Date(NOW - 40 * 86_400_000).toISOString(),
    };
    const created = [line({ type: 'custom-title', customTitle: 'Rate limiter' }), line(note)].join('');
    for (const [id, text] of [
      ['a1', created],
      ['b2', line(note)],
      ['c3', line({ type: 'custom-title', customTitle: 'dead row' })],
    ] as const) {
      const path = addFile(root, `projects/-home-dev-app/${fullId(id)}.jsonl`, text);
      utimesSync(path, NOW / 1000 - 40 * 86_400, NOW / 1000 - 40 * 86_400);
    }
    expect(idsOf(await planned('--empty'))).toEqual(['b2', 'c3']);
  });
});

describe('a dry run', () => {
  test('prints on a terminal what is removed, why and how much', async () => {
    writeSession(root, { id: '5d0b7c2e', days: 300, title: 'Backfill, first attempt', cwd: '/code/etl', bytes: 5000 });
    writeSession(root, {
      id: '8f3d2a60',
      days: 25,
      prompt: 'profile the parquet writer',
      cwd: '/code/api',
      bytes: 9000,
    });
    writeSession(root, { id: '9a9a9a9a', days: 2, cwd: '/code/api', beside: { 'pinned.json': '{}' } });
    expect(await prune('--older-than 30d --max-total 1K -n', { terminal: 80 })).toEqual({
      stdout: `\
Would move 2 of 3 sessions, 15 of 16 KiB, to the trash: 1 by age, 1 by budget.

Policy  older than 30d (before Sat 24 Oct 2026 06:46) · at most 1.0 KiB
Scope   all projects · 3 sessions · 16 KiB
Trash   ~/.claude/.ccsess/trash · empty

  ID        ACTIVE      TITLE                         PROJECT       SIZE  WHY
  8f3d2a60  3w          “profile the parquet writer”  /code/api  9.5 KiB  budget
  5d0b7c2e  2026-01-27  Backfill, first attempt       /code/etl  5.7 KiB  age

  PROJECT    REMOVE     SIZE  KEEP   SIZE
  /code/api       1  9.5 KiB     1  861 B
  /code/etl       1  5.7 KiB     0    0 B

Nothing was changed. To do exactly this later:
  ccsess prune … -n --json >plan.json
  ccsess prune --apply plan.json
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('writes nothing, even in a config dir that is not writable', async () => {
    writeSession(root, { id: 'a1', days: 40 });
    chmodSync(root, 0o500);
    const before = filesBelow(home);
    try {
      expect((await prune('--older-than 30d -n --yes')).exitCode).toBe(0);
      expect(filesBelow(home)).toEqual(before);
    } finally {
      chmodSync(root, 0o700);
    }
  });
});

describe('a run', () => {
  test('asks, moves, and the next one finds nothing', async () => {
    writeSession(root, { id: 'a1', days: 40, beside: { 'tool-results/x.txt': 'x' } });
    writeSession(root, { id: 'b2', days: 2 });
    writeLeftover(root, `file-history/${fullId('a1')}`, 40);
    const no = await prune('--older-than 30d', { answers: [false], terminal: 80 });
    expect(no).toMatchObject({ stderr: 'Move 1 session to the trash? [y/N]\nNothing was changed.\n', exitCode: 0 });
    expect(existsSync(join(root, '.ccsess'))).toBe(false);

    const yes = await prune('--older-than 30d', { answers: [true], terminal: 100 });
    expect(yes.stdout).toMatch(/^Will move 1 of 2 sessions, .* to the trash: 1 by age\.\n/);
    expect(yes.stdout.split('\n').slice(-3)).toEqual([
      expect.stringMatching(/^Moved 1 of 1 session, .*, to the trash in 0\.0 s\. Compressed: .* freed, .* held\.$/),
      'Undo: ccsess restore @last-prune',
      '',
    ]);
    expect(filesBelow(root).filter((name) => name.includes('a1000000') && !name.startsWith('.ccsess'))).toEqual([]);
    expect((await planned('--older-than 30d --yes')).totals).toMatchObject({ remove: 0, removed: 0 });
  });

  test('is silent under --quiet, needs --yes without a terminal, and -n wins', async () => {
    writeSession(root, { id: 'a1', days: 40 });
    expect(await prune('--older-than 30d')).toEqual({
      stdout: '',
      stderr: 'ccsess: cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.\n',
      exitCode: 2,
    });
    expect((await prune('--older-than 30d --yes -n')).stdout).toContain('Nothing was changed.');
    expect(await prune('--older-than 30d --yes --quiet')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  });

  test('that cannot meet the budget reports it, even with --quiet', async () => {
    writeSession(root, { id: 'a1', days: 0.5, bytes: 5000 });
    writeSession(root, { id: 'b2', days: 40, bytes: 5000, beside: { 'pinned.json': '{}' } });
    expect(await prune('--max-total 2K --yes --quiet')).toEqual({
      stdout: '',
      stderr: 'ccsess: over budget by 9.3 KiB: what is left is protected (1 pinned, 1 in recent use).\n',
      exitCode: 3,
    });
  });

  test('with --permanent deletes the selected sessions and those that were in the trash too long', async () => {
    writeSession(root, { id: 'a1', days: 40 });
    writeSession(root, { id: 'b2', days: 20 });
    await prune('--older-than 30d --yes');
    const later = NOW + 31 * 24 * 60 * MINUTE;
    const world = { now: later, answers: [true], terminal: 80 };
    const { stderr, stdout } = await prune('--older-than 45d --permanent', world);
    expect(stderr).toBe('Permanently delete 1 session and 1 in the trash? [y/N]\n');
    expect(stdout).toContain('Permanently deleted: 1 of 1 session');
    expect(filesBelow(root).filter((name) => /0000-4000/.test(name) || name.includes('.gz'))).toEqual([]);
  });
});

describe('--apply', () => {
  const apply = (plan: unknown, words = '--yes --json', world: World = {}): Promise<Outcome> =>
    prune(`--apply - ${words}`, { stdin: typeof plan === 'string' ? plan : JSON.stringify(plan), ...world });

  beforeEach(() => {
    for (const id of ['a1', 'b2', 'c3']) writeSession(root, { id, days: 40 });
  });

  test('applies exactly the narrowed plan, and skips sessions that changed', async () => {
    const plan = await planned('--older-than 30d');
    plan.remove.splice(0, 1);
    writeFileSync(join(root, `projects/-home-dev-app/${fullId('b2')}.jsonl`), 'changed', { flag: 'a' });
    utimesSync(join(root, `projects/-home-dev-app/${fullId('b2')}.jsonl`), NOW / 1000 - 86_400, NOW / 1000 - 86_400);
    const dry = JSON.parse((await apply(plan, '-n --json')).stdout) as PrunePlan;
    expect(dry.remove.map(({ status }) => status)).toEqual(['changed', 'planned']);
    const { stdout, stderr, exitCode } = await apply(plan);
    const done = JSON.parse(stdout) as PrunePlan;
    expect({ stderr, exitCode, wrong: validator('plan')(done) }).toEqual({ stderr: '', exitCode: 0, wrong: '' });
    expect(done.remove.map(({ id, status }) => [id.slice(0, 2), status])).toEqual([
      ['b2', 'changed'],
      ['c3', 'removed'],
    ]);
    expect(done.totals).toMatchObject({
      remove: 2,
      removed: 1,
      changed: 1,
      movedBytes: done.remove[1]?.footprintBytes,
    });
  });

  test('deletes from the trash only what the plan lists and what has expired', async () => {
    const { remove } = await planned('--older-than 30d --yes');
    const expire = remove.map(({ id }) => ({ id, trashedAt: new Date(NOW).toISOString(), heldBytes: 1 }));
    writeSession(root, { id: 'd4', days: 1 });
    const days = (count: number): World => ({ now: NOW + count * 24 * 60 * MINUTE });
    const expired = async (plan: PrunePlan, world: World): Promise<number> =>
      (JSON.parse((await apply(plan, '--yes --json', world)).stdout) as PrunePlan).totals.expired;
    const plan = { ...(await planned('--empty', days(29))), expire };
    expect(await expired(plan, days(29))).toBe(0);
    expect(await expired({ ...plan, policy: { ...plan.policy, trashTtl: 'never' } }, days(31))).toBe(0);
    expect(await expired({ ...plan, expire: expire.slice(1) }, days(31))).toBe(2);
    expect(await expired({ ...plan, expire: [] }, days(31))).toBe(0);
  });

  test('keeps sessions that became live or pinned since', async () => {
    const plan = await planned('--older-than 30d');
    addFile(
      root,
      'sessions/77.json',
      JSON.stringify({ pid: 77, sessionId: fullId('a1'), procStart: '5', status: 'busy' }),
    );
    const system = { ...IDLE, pidExists: () => true, startTime: () => '5' };
    const done = JSON.parse((await apply(plan, '--yes --json', { system })).stdout) as PrunePlan;
    expect(done.remove.map(({ status, error }) => [status, error?.message ?? null])).toEqual([
      ['protected', 'live: pid 77'],
      ['removed', null],
      ['removed', null],
    ]);
  });

  test('keeps sessions archived since, unless the plan includes archived ones or names each', async () => {
    const statusesOf = async (plan: PrunePlan): Promise<string[]> => {
      const { stdout, exitCode } = await apply(plan, '-n --json');
      expect(exitCode).toBe(0);
      return (JSON.parse(stdout) as PrunePlan).remove.map(({ status, error }) => error?.code ?? status);
    };
    const before = await planned('--older-than 30d');
    const archived = JSON.stringify({ archived: true, at: new Date(NOW).toISOString() });
    addFile(root, `projects/-home-dev-app/${fullId('a1')}/archived.json`, archived);
    expect(await statusesOf(before)).toEqual(['archived', 'planned', 'planned']);
    expect(await statusesOf(await planned('--older-than 30d --include-archived'))).toEqual(Array(3).fill('planned'));
    const { stdout } = await run(['rm', fullId('a1'), fullId('b2'), '-n', '--json'], { home, cwd: home });
    const made = JSON.parse(stdout) as PrunePlan;
    const named = { ...made, policy: { ...made.policy, includeArchived: false } };
    expect(await statusesOf(named)).toEqual(['planned', 'planned']);
    expect(await statusesOf({ ...named, remove: [...named.remove, ...before.remove.slice(2)] })).toEqual([
      'archived',
      'planned',
      'planned',
    ]);
  });

  test('refuses before any move what is not a plan, is of another home or version, or has unknown ids', async () => {
    const plan = await planned('--older-than 30d');
    const first = plan.remove[0] ?? {};
    const broken: [unknown, string][] = [
      ['no json', 'it is not a plan of ccsess prune -n --json'],
      [{ ...plan, schemaVersion: 2 }, 'its schemaVersion is 2'],
      [{ ...plan, configDirs: ['/elsewhere'] }, 'it is for ["/elsewhere"]'],
      [{ ...plan, remove: [{ ...first, id: '../../../etc' }] }, 'remove[0].id is not a session id: "../../../etc"'],
      [
        { ...plan, remove: [{ ...first, projectDir: '../..' }] },
        'remove[0].projectDir is not the name of a project dir',
      ],
      [{ ...plan, remove: [{ ...first, projectDir: '..' }] }, 'remove[0].projectDir is not the name of a project dir'],
      [{ ...plan, remove: [{ ...first, configDir: '/' }] }, 'remove[0].configDir is another one: "/"'],
      [
        { ...plan, remove: [...plan.remove, { ...first, id: fullId('dddd') }] },
        `there is no session ${fullId('dddd')}`,
      ],
      [{ ...plan, remove: [first, first] }, 'twice'],
      [{ ...plan, policy: { ...plan.policy, minIdle: '5' } }, 'policy.minIdle'],
    ];
    const before = filesBelow(root);
    for (const [bad, why] of broken) {
      const { stdout, stderr, exitCode } = await apply(bad, '--yes');
      expect({ stdout, exitCode }, why).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).toContain(why);
    }
    expect(filesBelow(root)).toEqual(before);
  });

  test('deletes permanently only if both plan and command line say so; takes no selectors', async () => {
    const plan = await planned('--older-than 30d --permanent');
    expect((await apply(plan)).stderr).toContain('pass --permanent to confirm');
    expect((await apply(plan, '--yes --older-than 2d')).stderr).toBe(
      'ccsess: --older-than cannot be combined with --apply: the plan lists what is removed.\n',
    );
    const done = JSON.parse((await apply(plan, '--yes --permanent --json')).stdout) as PrunePlan;
    expect(done.totals).toMatchObject({ removed: 3, trashBytes: 0 });
  });

  test('does nothing when applied a second time', async () => {
    const plan = await planned('--older-than 30d');
    await apply(plan);
    expect(JSON.parse((await apply(plan)).stdout)).toMatchObject({ remove: [], totals: { removed: 0 } });
  });
});

describe('bad input', () => {
  const EXAMPLES = `\
  ccsess prune -p . --older-than 30d        by age of the last activity
  ccsess prune -p . --max-total 500M        oldest first, until the rest fits
  ccsess prune -p . --empty                 sessions without a prompt and an answer
`;

  test.each([
    ['-p .', `--project narrows a prune, it does not select sessions: pass one of the rules below.\n${EXAMPLES}`],
    [
      '--keep-last 3',
      '--keep-last keeps sessions, it does not select any: pass one of the rules below.\n' +
        `${EXAMPLES.replaceAll('-p . ', '')}`,
    ],
    ['', `prune needs a rule that selects sessions: pass one of the rules below.\n${EXAMPLES.replaceAll('-p . ', '')}`],
    ['--older-than 1m -n', '--older-than 1m: minutes or months? Write 1min or 1mo (units: s min h d w mo y).\n'],
    ['--older-than 30 -n', '--older-than 30: missing unit, for example 30d (units: s min h d w mo y).\n'],
    ['--older-than 0d -n', '--older-than 0d: not in the past, so it would select every session.\n'],
    [
      '--older-than -1d -n',
      "--older-than -1d: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or " +
        '2026-11-01.\n',
    ],
    ['--older-than 2030-01-01 -n', '--older-than 2030-01-01: not in the past, so it would select every session.\n'],
    [
      '--max-total 1 -n',
      '--max-total 1: missing unit, for example 1M (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).\n',
    ],
    [
      '--max-total 1GiBB -n',
      '--max-total 1GiBB: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).\n',
    ],
    ['--max-total 0B -n', '--max-total 0B: that would select every session.\n'],
    ['--empty --min-idle 30s -n', '--min-idle 30s: at least 1min, since a session may be between two turns.\n'],
    ['--empty --keep-last 0 -n', '--keep-last 0: not a whole number of 1 or more.\n'],
    ['--empty --trash-ttl 0d -n', '--trash-ttl 0d: nothing could be restored. To delete permanently: --permanent.\n'],
    ['--empty --worktrees -n', '--worktrees needs --project.\n'],
    [
      '--empty --lock-wait 2026-01-01 -n',
      '--lock-wait 2026-01-01: not a length of time. Write 10min or 30d (units: s min h d w mo y).\n',
    ],
  ])('%s', async (words, sentence) => {
    writeSession(root, { id: 'a1', days: 40 });
    expect(await prune(words)).toEqual({ stdout: '', stderr: `ccsess: ${sentence}`, exitCode: 2 });
    expect(readFileSync(join(root, `projects/-home-dev-app/${fullId('a1')}.jsonl`), 'utf8')).not.toBe('');
  });
});

function mkdir(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
