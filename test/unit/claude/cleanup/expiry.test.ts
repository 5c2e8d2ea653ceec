import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CleanupPolicy } from '../../../../src/claude/cleanup/cleanup-policy.js';
import { partExpiry, transcriptExpiry } from '../../../../src/claude/cleanup/expiry.js';
import { footprintEntries } from '../../../../src/claude/footprint-entries.js';
import { sideFolderOf } from '../../../../src/claude/layout.js';
import { disk, id, onlySession, put } from '../disk.js';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 10, 29);
const OLD = NOW - 60 * DAY;

const policy = (days: number | null, desktopDays: number | null = null): CleanupPolicy => ({
  days,
  desktopDays,
  skipped: null,
  file: null,
});
const from = (entrypoint: string): string => `${JSON.stringify({ type: 'user', entrypoint })}\n`;
const filler = (bytes: number): string =>
  `${JSON.stringify({ type: 'user', entrypoint: 'cli', x: 'x'.repeat(bytes) })}\n`;
const SIDE = id(1);

/** Days from the last change of a transcript to its expiry; null if it stays. */
function daysOf(text: string, rules = policy(30), others: Record<string, string> = {}): number | null {
  const root = disk({ [`${SIDE}.jsonl`]: text, ...others });
  const path = join(root, `${SIDE}.jsonl`);
  for (const name of Object.keys(others))
    utimesSync(join(root, name), (OLD + 10 * DAY) / 1000, (OLD + 10 * DAY) / 1000);
  const { size } = statSync(path);
  const expiresMs = transcriptExpiry({ path, size, mtimeMs: OLD, mayBeDesktop: text.includes('desktop') }, rules);
  return expiresMs === null ? null : (expiresMs - OLD) / DAY;
}

test('a transcript is deleted after the period, and kept if the cleanup is skipped', () => {
  expect(daysOf(from('cli'))).toBe(30);
  expect(daysOf(from('cli'), policy(7))).toBe(7);
  expect(daysOf(from('cli'), policy(null))).toBeNull();
});

describe('a transcript with an entrypoint of Claude Desktop', () => {
  test.each<[string, string, number | null]>([
    ['at its start', from('claude-desktop') + from('cli'), null],
    ['at its end', from('cli') + from('claude-desktop'), null],
    ['between others', from('cli') + from('claude-desktop') + from('cli'), 30],
    ['far from both ends', filler(150_000) + from('claude-desktop') + filler(150_000), 30],
    ['at the end of a long one', filler(150_000) + from('claude-desktop'), null],
    ['at the start of a long one', from('claude-desktop') + filler(150_000), null],
    ['after damage', `{broken\n${from('claude-desktop')}${from('cli')}`, null],
    ['in a line without an end', `${from('cli')}{"entrypoint":"claude-desktop"`, 30],
    ['in a message', `{"message":{"entrypoint":"claude-desktop"}}\n${from('cli')}`, 30],
  ])('%s', (_, text, expected) => {
    expect(daysOf(text)).toBe(expected);
  });

  test.each(['claude-desktop', 'claude-desktop-3p'])('%s is kept', (name) => {
    expect(daysOf(from(name))).toBeNull();
  });

  test('is deleted after its own period, if that is set', () => {
    expect(daysOf(from('claude-desktop'), policy(30, 40))).toBe(40);
    expect(daysOf(from('claude-desktop'), policy(20, 20))).toBe(20);
  });

  test('is deleted once it is released', () => {
    const marker = (text: string): Record<string, string> => ({ [`${SIDE}.desktop-released.json`]: text });
    const text = from('claude-desktop');
    expect(daysOf(text, policy(30), marker('{"reason":"delete"}'))).toBe(30);
    expect(daysOf(text, policy(30), marker('{"reason":"archive"}'))).toBe(40);
    expect(daysOf(text, policy(30, 35), marker('{"reason":"archive"}'))).toBe(35);
    expect(daysOf(text, policy(30), marker('{"reason":"other"}'))).toBeNull();
    expect(daysOf(text, policy(30), marker('{"reason":'))).toBeNull();
  });
});

test('an empty transcript is kept, unless it has a side folder or an administrator sets the period', () => {
  expect(daysOf('')).toBeNull();
  expect(daysOf('', policy(30), { [`${SIDE}/other.txt`]: 'x' })).toBe(30);
  expect(daysOf('', policy(30, 30))).toBe(30);
  expect(daysOf('', policy(30, 50))).toBe(50);
});

describe('parts of a session', () => {
  const NAMES = [
    'tool-results/a.txt',
    'tool-results/sub/b.txt',
    'mcp-tasks/a.json',
    'precompact.json',
    'resume-head.jsonl',
    'auto-mode-dump.1.json',
    'subagents/agent-a.jsonl',
    'remote-agents/a.json',
    'before-cleanup/1-00000000.jsonl.replaced',
    'tool-results/sub/deep/c.txt',
    'mcp-tasks/a.txt',
    'other.txt',
  ];
  const ALONE = NAMES.slice(0, 6);

  /** Days from the last change of each file to its expiry, if the session expires at this time. */
  function daysOfParts(sessionMs: number | null): Record<string, number | null> {
    const root = disk({ [`projects/-p/${SIDE}.jsonl`]: from('cli') });
    put(root, Object.fromEntries(NAMES.map((name) => [`projects/-p/${SIDE}/${name}`, 'x'])));
    const file = onlySession(root);
    const sideFolder = sideFolderOf(file);
    const rules = { policy: policy(30), sessionMs, sideFolder, mayBeDesktop: true, now: NOW };
    const entries = [...footprintEntries(file)].filter(({ path, stats }) => stats.isFile() && path !== file.path);
    return Object.fromEntries(
      entries.map((entry) => {
        const expiresMs = partExpiry(entry, rules, OLD, OLD);
        return [entry.path.slice(sideFolder.length + 1), expiresMs === null ? null : (expiresMs - OLD) / DAY];
      }),
    );
  }

  test('that age independently are deleted while the session is kept', () => {
    expect(daysOfParts(null)).toEqual(
      Object.fromEntries(NAMES.map((name) => [name, ALONE.includes(name) ? 30 : null])),
    );
  });

  test('are deleted with the session if they are newer', () => {
    expect(daysOfParts(OLD + 10 * DAY)).toEqual(Object.fromEntries(NAMES.map((name) => [name, 10])));
  });
});
