import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isShorter, readCleanupPolicies } from '../../../../src/claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy } from '../../../../src/claude/cleanup/cleanup-policy.js';
import { configDirs, disk } from '../disk.js';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 10, 29);

interface Sources {
  user?: string;
  project?: string;
  local?: string;
  /** Files of the administrator's folder by name. */
  managed?: Record<string, string>;
}

const period = (days: unknown): string => JSON.stringify({ cleanupPeriodDays: days });
const desktop = (days: unknown): string => JSON.stringify({ desktopSessionCleanupPeriodDays: days });

function policyOf({ user, project, local, managed = {} }: Sources): CleanupPolicy {
  const root = disk(user === undefined ? {} : { 'settings.json': user });
  if (user === '') utimesSync(join(root, 'settings.json'), NOW / 1000 - 3600, NOW / 1000 - 3600);
  const work = disk({
    ...(project !== undefined && { '.claude/settings.json': project }),
    ...(local !== undefined && { '.claude/settings.local.json': local }),
  });
  const [configDir] = configDirs(root);
  const policies = readCleanupPolicies([configDir!], disk(managed), NOW);
  return (policies.inFolder(work) ?? policies.of)(configDir!);
}

const daysOf = (sources: Sources): number | string | null => {
  const { days, skipped } = policyOf(sources);
  return skipped?.code ?? days;
};

test.each<[string | undefined, number | string]>([
  [undefined, 30],
  ['{}', 30],
  [period(365), 365],
  [period(1), 1],
  ['{"cleanupPeriodDays":1e1}', 10],
  ['{"cleanupPeriodDays":90,"cleanupPeriodDays":10}', 10],
  ['{"cleanupPeriodDays":10,"banana":1}', 10],
  ['{"cleanupPeriodDays":10,"valueOf":1,"__proto__":2,"constructor":null,"hasOwnProperty":"x"}', 10],
  [' \n', 30],
])('the period of the user settings %j is %j', (user, expected) => {
  expect(daysOf({ ...(user !== undefined && { user }) })).toBe(expected);
});

describe('a byte order mark', () => {
  test.each<[string, string, number | string]>([
    ['one', `\uFEFF${period(10)}`, 10],
    ['nothing else', '\uFEFF', 30],
    ['two', `\uFEFF\uFEFF${period(10)}`, 'unreadable-settings'],
  ])('%s', (_, user, expected) => {
    expect(daysOf({ user })).toBe(expected);
  });

  test('of UTF-16 in the settings of an administrator', () => {
    const root = disk();
    const managed = disk();
    writeFileSync(join(managed, 'managed-settings.json'), Buffer.from(`\uFEFF${period(10)}`, 'utf16le'));
    const [configDir] = configDirs(root);
    expect(readCleanupPolicies([configDir!], managed, NOW).of(configDir!).days).toBe(10);
  });
});

test.each<[string, string]>([
  ['{', 'unreadable-settings'],
  ['[]', 'unreadable-settings'],
  ['{"cleanupPeriodDays":10,}', 'unreadable-settings'],
  ['{"cleanupPeriodDays":10} // x', 'unreadable-settings'],
  [period(0), 'invalid-settings'],
  [period(-5), 'invalid-settings'],
  [period(1.5), 'invalid-settings'],
  [period('90'), 'invalid-settings'],
  [period(null), 'invalid-settings'],
  [desktop(-1), 'invalid-settings'],
  [desktop('x'), 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"permissions":"x"}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"env":[]}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"model":5}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"verbose":"true"}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"permissions":{"allow":"x"}}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"permissions":{"defaultMode":"x"}}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"statusLine":{"type":"command"}}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"availableModels":[5]}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"tui":"x"}', 'invalid-settings'],
  ['{"cleanupPeriodDays":10,"hooks":{"PreToolUse":"x"}}', 'invalid-settings'],
])('the user settings %s make Claude Code skip its cleanup: %s', (user, code) => {
  expect(daysOf({ user })).toBe(code);
});

test.each([
  '{"hooks":"x"}',
  '{"teammateMode":5}',
  '{"enableArtifact":null}',
  '{"env":{"A":{}}}',
  '{"permissions":{"allow":["Bash(",5],"defaultMode":"plan"}}',
  '{"statusLine":{"type":"command","command":"x"}}',
  '{"attribution":false}',
])('a file is not rejected for %s', (members) => {
  expect(daysOf({ user: `{"cleanupPeriodDays":10,${members.slice(1)}` })).toBe(10);
});

test('a file rejected for another value does not stop the cleanup where no file names a period', () => {
  expect(daysOf({ user: '{"permissions":"x"}' })).toBe(30);
  expect(daysOf({ project: '{"permissions":"x"}' })).toBe(30);
  expect(daysOf({ user: period(10), project: '{"permissions":"x"}' })).toBe('invalid-settings');
  expect(daysOf({ user: '{"permissions":"x"}', project: period(10) })).toBe('invalid-settings');
  expect(daysOf({ project: desktop(-1) })).toBe(30);
});

test('a folder instead of the user settings, and one that is too large, cannot be read', () => {
  const [folder] = configDirs(disk({ 'settings.json/x': '' }));
  const [large] = configDirs(disk({ 'settings.json': `{"cleanupPeriodDays":10}${' '.repeat(2 * 1024 * 1024)}` }));
  for (const configDir of [folder!, large!])
    expect(readCleanupPolicies([configDir], undefined, NOW).of(configDir).skipped?.code).toBe('unreadable-settings');
});

test('an emptied user file stops the cleanup for 30 days, unless something else names a period', () => {
  const skippedAt = (ageDays: number): string | undefined => {
    const root = disk({ 'settings.json': '' });
    const seconds = (NOW - ageDays * DAY) / 1000;
    utimesSync(join(root, 'settings.json'), seconds, seconds);
    const [configDir] = configDirs(root);
    return readCleanupPolicies([configDir!], undefined, NOW).of(configDir!).skipped?.code;
  };
  expect([0, 1, 29, 31, -2].map(skippedAt)).toEqual([
    'empty-settings',
    'empty-settings',
    'empty-settings',
    undefined,
    undefined,
  ]);
  expect(daysOf({ user: '', project: period(10) })).toBe(10);
  expect(daysOf({ user: '', managed: { 'managed-settings.json': period(10) } })).toBe(10);
  expect(daysOf({ user: '', managed: { 'managed-settings.json': period(0) } })).toBe(30);
});

test.each<[string | undefined, string | undefined, number | string]>([
  [period(2), undefined, 2],
  [period(2), period(9), 9],
  [period(2), '{}', 2],
  ['', undefined, 50],
  ['{', undefined, 'unreadable-settings'],
  [period(2), period(0), 'invalid-settings'],
  [period(0), period(9), 'invalid-settings'],
])('in a folder with the settings %j and the local ones %j', (project, local, expected) => {
  const own = { ...(project !== undefined && { project }), ...(local !== undefined && { local }) };
  expect(daysOf({ user: period(50), ...own })).toBe(expected);
});

describe('settings of an administrator', () => {
  test.each<[string, Record<string, string>, number | string]>([
    ['the base file', { 'managed-settings.json': period(7) }, 7],
    ['a base file that says nothing', { 'managed-settings.json': '{}' }, 50],
    ['an empty base file', { 'managed-settings.json': '' }, 50],
    ['a drop-in alone', { 'managed-settings.d/10-x.json': period(7) }, 7],
    ['a drop-in after the base', { 'managed-settings.json': period(7), 'managed-settings.d/a.json': period(90) }, 90],
    ['the last drop-in', { 'managed-settings.d/a.json': period(7), 'managed-settings.d/b.json': period(90) }, 90],
    ['an invalid period', { 'managed-settings.json': period(0) }, 50],
    ['an invalid drop-in', { 'managed-settings.json': period(7), 'managed-settings.d/a.json': period(0) }, 7],
    ['another invalid value', { 'managed-settings.json': '{"cleanupPeriodDays":7,"permissions":"x"}' }, 7],
    ['hidden drop-ins', { 'managed-settings.d/.a.json': period(7) }, 50],
    ['other names', { 'managed-settings.d/a.json.bak': period(7), 'managed-settings.d/A.JSON': period(7) }, 50],
    ['folders of drop-ins', { 'managed-settings.d/a/b.json': period(7) }, 50],
    ['a file instead of the folder of drop-ins', { 'managed-settings.d': period(7) }, 50],
    ['one that is not JSON', { 'managed-settings.json': '{' }, 'no-start'],
    [
      'a drop-in that is not JSON',
      { 'managed-settings.json': period(7), 'managed-settings.d/a.json': '[]' },
      'no-start',
    ],
  ])('%s', (_, managed, expected) => {
    expect(daysOf({ user: period(50), managed })).toBe(expected);
  });

  test('count whatever is wrong with the others', () => {
    expect(daysOf({ user: '{', project: period(2), managed: { 'managed-settings.d/a.json': period(7) } })).toBe(7);
  });

  test('that are a folder cannot be read', () => {
    expect(daysOf({ user: period(50), managed: { 'managed-settings.json/x': '' } })).toBe('unreadable-settings');
  });

  test('a linked drop-in counts, a dangling one does not', () => {
    const target = disk({ 'x.json': period(7) });
    const managed = disk();
    mkdirSync(join(managed, 'managed-settings.d'));
    symlinkSync(join(target, 'x.json'), join(managed, 'managed-settings.d', 'a.json'));
    symlinkSync(join(target, 'gone.json'), join(managed, 'managed-settings.d', 'b.json'));
    const [configDir] = configDirs(disk());
    expect(readCleanupPolicies([configDir!], managed, NOW).of(configDir!).days).toBe(7);
  });
});

describe('sessions of Claude Desktop', () => {
  test.each<[string, Sources, number | null]>([
    ['stay', {}, null],
    ['stay with a period of the user', { user: period(10) }, null],
    ['go after a period of their own', { user: desktop(40) }, 40],
    ['go after the longer one', { user: '{"cleanupPeriodDays":20,"desktopSessionCleanupPeriodDays":10}' }, 20],
    ['stay with 0', { user: desktop(0) }, null],
    ['do not follow a project', { user: period(20), project: desktop(40) }, null],
    ['go after a period of an administrator', { managed: { 'managed-settings.json': period(10) } }, 10],
    ['go where that period is invalid', { user: period(10), managed: { 'managed-settings.json': period(0) } }, 10],
    ['go after an administrator’s period for them', { managed: { 'managed-settings.json': desktop(40) } }, 40],
  ])('%s', (_, sources, expected) => {
    expect(policyOf(sources).desktopDays).toBe(expected);
  });
});

test('of config dirs that share their transcripts the shortest period counts for all', () => {
  const first = disk({ 'settings.json': period(50), 'projects/x': '' });
  const second = disk({ 'settings.json': period(20) });
  const third = disk({ 'settings.json': period(0) });
  for (const root of [second, third]) symlinkSync(join(first, 'projects'), join(root, 'projects'));
  const alone = disk({ 'settings.json': period(5) });
  const dirs = configDirs(first, second, third, alone);
  const policies = readCleanupPolicies(dirs, undefined, NOW);
  expect(dirs.map((dir) => policies.of(dir).days)).toEqual([20, 20, 20, 5]);
  expect(policies.inFolder(disk({ 'x.txt': '' }))).toBeNull();
});

test('a cleanup that is skipped is never the shorter one', () => {
  const [skipped, ten, twenty] = ['{', period(10), period(20)].map((user) => policyOf({ user }));
  expect([isShorter(ten!, twenty!), isShorter(twenty!, ten!), isShorter(ten!, ten!)]).toEqual([true, false, false]);
  expect([isShorter(skipped!, ten!), isShorter(ten!, skipped!)]).toEqual([false, true]);
});
