import { expect, test } from 'vitest';
import { readPlanFile, refused } from '../../../src/retention/plan/plan-file.js';
import { CcsessError } from '../../../src/system/errors.js';
import { configDirs } from '../claude/disk.js';

const HOME = '/home/dev/.claude';
const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const FINGERPRINT = `sha256:${'0'.repeat(64)}`;
const REMOVAL = {
  id: ID,
  configDir: HOME,
  projectDir: '-home-dev-app',
  fingerprint: FINGERPRINT,
  reasons: [
    { code: 'older-than', detail: null },
    { code: 'larger-than', detail: '5 MiB' },
    { code: 'prompts-at-most', detail: null },
    { code: 'empty', detail: null },
    { code: 'orphan', detail: null },
    { code: 'budget', detail: null },
    { code: 'named', detail: null },
  ],
};
const EXPIRY = { id: ID, trashedAt: '2026-01-01T00:00:00.000Z', heldBytes: 7 };
const POLICY = {
  minIdle: '10min',
  trashTtl: '30d',
  maxTotalBytes: 5,
  includeArchived: true,
  includeRestored: false,
  permanent: false,
  compress: true,
};
const PLAN = {
  schemaVersion: 1,
  configDirs: [HOME],
  pruneId: '2026-11-23T06-46-02Z-7f3a',
  remove: [REMOVAL],
  expire: [EXPIRY],
  totals: { scanned: 3, scannedBytes: 0 },
  policy: POLICY,
};

const read = (plan: unknown): ReturnType<typeof readPlanFile> => readPlanFile(JSON.stringify(plan), configDirs(HOME));

/** The reason why a plan is refused, or null. */
function reason(text: string): string | null {
  try {
    readPlanFile(text, configDirs(HOME));
    return null;
  } catch (error) {
    if (!(error instanceof CcsessError) || error.code !== 'PLAN_REFUSED') throw error;
    return /^this plan cannot be applied: (.*)\. Nothing was changed\.$/s.exec(error.message)?.[1] ?? error.message;
  }
}

test('a plan is read with the members that count, and no others', () => {
  expect(read({ ...PLAN, more: 1, remove: [{ ...REMOVAL, title: 'x' }] })).toEqual({
    pruneId: PLAN.pruneId,
    remove: [REMOVAL],
    expire: [EXPIRY],
    policy: POLICY,
    scanned: 3,
    scannedBytes: 0,
  });
  const none = read({ ...PLAN, remove: [{ ...REMOVAL, projectDir: '' }], policy: { ...POLICY, maxTotalBytes: null } });
  expect([none.remove[0]?.projectDir, none.policy.maxTotalBytes]).toEqual(['', null]);
});

test('one session may be named in several project dirs and once in each', () => {
  const other = { ...REMOVAL, projectDir: '-other' };
  expect(read({ ...PLAN, remove: [REMOVAL, other] }).remove).toHaveLength(2);
  expect(reason(JSON.stringify({ ...PLAN, remove: [REMOVAL, other, REMOVAL] }))).toBe(`it names session ${ID} twice`);
});

const removal = (more: object): object => ({ remove: [REMOVAL, { ...REMOVAL, projectDir: '-b', ...more }] });
const policy = (more: object): object => ({ policy: { ...POLICY, ...more } });
const expiry = (more: object): object => ({ expire: [{ ...EXPIRY, ...more }] });

test.each<[string, object]>([
  ['its schemaVersion is 2, this ccsess reads 1', { schemaVersion: 2 }],
  ['its schemaVersion is missing, this ccsess reads 1', { schemaVersion: undefined }],
  [`it is for ["/other"], not for ["${HOME}"]`, { configDirs: ['/other'] }],
  [`it is for ["${HOME}","/b"], not for ["${HOME}"]`, { configDirs: [HOME, '/b'] }],
  [`it is for [], not for ["${HOME}"]`, { configDirs: [] }],
  [`it is for {"0":"${HOME}","length":1}, not for ["${HOME}"]`, { configDirs: { 0: HOME, length: 1 } }],
  ['pruneId is not as in', { pruneId: 7 }],
  ['pruneId is not as in', { pruneId: '../x' }],
  ['remove is not as in', { remove: {} }],
  ['remove[1] is not as in', { remove: [REMOVAL, null] }],
  ['remove[0] is not as in', { remove: [[]] }],
  ['remove[0] is not as in', { remove: ['x'] }],
  ['remove[1].id is not a session id: "x"', removal({ id: 'x' })],
  ['remove[1].id is not a session id: 7', removal({ id: 7 })],
  ['remove[1].configDir is another one: "/other"', removal({ configDir: '/other' })],
  ['remove[1].configDir is another one: null', removal({ configDir: null })],
  ['remove[1].projectDir is not the name of a project dir: ".."', removal({ projectDir: '..' })],
  ['remove[1].projectDir is not the name of a project dir: missing', removal({ projectDir: undefined })],
  ['remove[1].fingerprint is not as in', removal({ fingerprint: 'sha256:0' })],
  ['remove[1].fingerprint is not as in', removal({ fingerprint: null })],
  ['remove[1].reasons is not as in', removal({ reasons: {} })],
  ['remove[1].reasons is not as in', removal({ reasons: [{ code: 'other', detail: null }] })],
  ['remove[1].reasons is not as in', removal({ reasons: [{ code: 'toString', detail: null }] })],
  ['remove[1].reasons is not as in', removal({ reasons: [{ code: 7, detail: null }] })],
  ['remove[1].reasons is not as in', removal({ reasons: [{ code: 'named', detail: 7 }] })],
  ['expire is not as in', { expire: undefined }],
  ['expire[0].id is not a session id: "x"', expiry({ id: 'x' })],
  ['expire[0].id is not a session id: null', expiry({ id: null })],
  ['expire[0].trashedAt is not as in', expiry({ trashedAt: 7 })],
  ['expire[0].heldBytes is not as in', expiry({ heldBytes: -1 })],
  ['expire[0].heldBytes is not as in', expiry({ heldBytes: 1.5 })],
  ['totals is not as in', { totals: null }],
  ['totals.scanned is not as in', { totals: { scannedBytes: 1 } }],
  ['totals.scannedBytes is not as in', { totals: { scanned: 1, scannedBytes: '1' } }],
  ['policy is not as in', { policy: [] }],
  ['policy is not as in', { policy: 'x' }],
  ['policy.minIdle is not as in', policy({ minIdle: 10 })],
  ['policy.trashTtl is not as in', policy({ trashTtl: null })],
  ['policy.maxTotalBytes is not as in', policy({ maxTotalBytes: '5' })],
  ['policy.includeArchived is not as in', policy({ includeArchived: 1 })],
  ['policy.includeRestored is not as in', policy({ includeRestored: undefined })],
  ['policy.permanent is not as in', policy({ permanent: 'no' })],
  ['policy.compress is not as in', policy({ compress: null })],
])('a plan is refused since %s', (why, change) => {
  const found = reason(JSON.stringify({ ...PLAN, ...change })) ?? 'not refused';
  expect(why.endsWith('is not as in') ? found.slice(0, why.length) : found).toBe(why);
});

test('text that is not JSON of an object is refused, and a long value is shown in part', () => {
  for (const text of ['', '[]', 'null', '{"schemaVersion":1', '"x"'])
    expect(reason(text)).toMatch(/^it is not a plan of /);
  const shown = (length: number): string | undefined =>
    /id: (.*)$/.exec(reason(JSON.stringify({ ...PLAN, ...removal({ id: 'x'.repeat(length) }) })) ?? '')?.[1];
  expect([shown(98), shown(99)]).toEqual([`"${'x'.repeat(98)}"`, `"${'x'.repeat(98)}…`]);
});

test('a refusal names the reason, and how to make a plan', () => {
  expect(refused('of this')).toMatchObject({
    code: 'PLAN_REFUSED',
    message: 'this plan cannot be applied: of this. Nothing was changed.',
  });
  expect(refused('of this').hint).toBeTruthy();
});
