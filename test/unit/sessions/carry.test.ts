import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { SessionStep } from '../../../src/sessions/move/model.js';
import {
  carryBack,
  carryMemory,
  carryRest,
  carryTranscript,
  locateTranscript,
} from '../../../src/sessions/move/carry.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { safeName } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';

const ID = '11111111-0000-4000-8000-000000000001';
/** A name that is not UTF-8. */
const ODD = Buffer.from([0x6f, 0x64, 0xff, 0x64]);

test('a file whose name is not UTF-8 moves into a side folder that Claude Code has begun at the new path', () => {
  const home = temporaryFolder('carry');
  const [from, to] = ['-old', '-new'].map((name) => join(home, 'projects', name, ID)) as [string, string];
  for (const side of [from, to]) mkdirSync(side, { recursive: true });
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), ODD]), 'kept output');
  writeFileSync(join(to, 'begun.txt'), '');
  const [configDir] = resolveConfigDirs({ explicit: [home], env: {}, home, cwd: home });
  if (configDir === undefined) throw new Error('no config dir');
  const step = { id: ID, from: '-old', to: '-new', agents: [] };
  carryRest(configDir, step as unknown as SessionStep);
  expect(readdirSync(to, { encoding: 'buffer' })).toEqual([Buffer.from('begun.txt'), ODD]);
  expect(() => readdirSync(from)).toThrow('ENOENT');
});

/** A config dir with files below its projects root, a folder for each name that ends with a slash. */
function withFiles(...names: string[]): { configDir: ConfigDir; read: () => string[] } {
  const home = temporaryFolder('carry');
  const projects = join(home, 'projects');
  for (const name of names) {
    mkdirSync(join(projects, name.endsWith('/') ? name : join(name, '..')), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(join(projects, name), name);
  }
  const [configDir] = resolveConfigDirs({ explicit: [home], env: {}, home, cwd: home });
  if (configDir === undefined) throw new Error('no config dir');
  const read = (): string[] =>
    readdirSync(projects, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('/'))
      .map((name) =>
        statSync(join(projects, name)).isFile() ? `${name} from ${readFileSync(join(projects, name), 'utf8')}` : name,
      )
      .sort();
  return { configDir, read };
}

const OLD_TRANSCRIPT = `-old/${ID}.jsonl`;
const NEW_TRANSCRIPT = `-new/${ID}.jsonl`;
const stepOf = (more: Partial<SessionStep> = {}): SessionStep =>
  ({ id: ID, from: '-old', to: '-new', cwd: '/x', size: 0, mtimeMs: 0, agents: [], ...more }) as unknown as SessionStep;

describe('a transcript', () => {
  test.each<[string, string[], string]>([
    ['old', [OLD_TRANSCRIPT], '-new'],
    ['new', [NEW_TRANSCRIPT], '-new'],
    ['both', [OLD_TRANSCRIPT, NEW_TRANSCRIPT], '-new'],
    ['gone', ['-old/other'], '-new'],
    ['old', [OLD_TRANSCRIPT], '-old'],
    ['gone', [NEW_TRANSCRIPT], '-old'],
  ])('is located as %s if these files exist: %s (new project dir: %s)', (location, names, to) => {
    expect(locateTranscript(withFiles(...names).configDir, stepOf({ to: safeName(to) }))).toBe(location);
  });

  test('is not moved onto another one, nor within its project dir', () => {
    const both = withFiles(OLD_TRANSCRIPT, NEW_TRANSCRIPT);
    const before = both.read();
    expect(() => carryTranscript(both.configDir, stepOf())).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    carryTranscript(both.configDir, stepOf({ to: safeName('-old') }));
    expect(both.read()).toEqual(before);
  });

  test('is moved back with everything that belongs to it, and with its time if nothing was written to it', () => {
    for (const size of [OLD_TRANSCRIPT.length, 1]) {
      const { configDir, read } = withFiles(OLD_TRANSCRIPT, `-old/${ID}/a`);
      const before = read();
      const path = join(configDir.projectsRoot, OLD_TRANSCRIPT);
      utimesSync(path, 1, 1000);
      const step = stepOf({ size, mtimeMs: 5000 });
      carryTranscript(configDir, step);
      carryRest(configDir, step);
      expect(existsSync(path)).toBe(false);
      carryBack(configDir, step);
      expect([read(), statSync(path).mtimeMs]).toEqual([before, size === 1 ? 1_000_000 : 5000]);
    }
  });
});

test('side folders are joined, and a file whose name exists at the new path stays at the old one', () => {
  const { configDir, read } = withFiles(
    ...['a', 'sub/b', 'sub/c', 'd', 'e/f'].map((name) => `-old/${ID}/${name}`),
    ...['sub/c', 'd/x', 'e'].map((name) => `-new/${ID}/${name}`),
    '-old/agent-a.jsonl',
  );
  carryRest(configDir, stepOf({ agents: ['agent-a.jsonl', 'agent-gone.jsonl'].map(safeName) }));
  const [old, moved] = [`-old/${ID}`, `-new/${ID}`];
  expect(read()).toEqual(
    [
      '-new/agent-a.jsonl from -old/agent-a.jsonl',
      moved,
      `${moved}/a from ${old}/a`,
      `${moved}/d`,
      `${moved}/d/x from ${moved}/d/x`,
      `${moved}/e from ${moved}/e`,
      `${moved}/sub`,
      `${moved}/sub/b from ${old}/sub/b`,
      `${moved}/sub/c from ${moved}/sub/c`,
      old,
      `${old}/d from ${old}/d`,
      `${old}/e`,
      `${old}/e/f from ${old}/e/f`,
      `${old}/sub`,
      `${old}/sub/c from ${old}/sub/c`,
    ].sort(),
  );
});

test.each<[string, string[], boolean, string[]]>([
  ['there is none', ['-old/x'], true, []],
  ['there is none at the new path', ['-old/memory/m'], true, ['-new/memory', '-new/memory/m from -old/memory/m']],
  [
    'it is empty at the new path',
    ['-old/memory/m', '-new/memory/'],
    true,
    ['-new/memory', '-new/memory/m from -old/memory/m'],
  ],
  [
    'it is empty at the old path',
    ['-old/memory/', '-new/memory/m'],
    true,
    ['-new/memory', '-new/memory/m from -new/memory/m'],
  ],
  [
    'there is another one',
    ['-old/memory/m', '-new/memory/n'],
    false,
    ['-new/memory', '-new/memory/n from -new/memory/n', '-old/memory', '-old/memory/m from -old/memory/m'],
  ],
  [
    'a file is at the new path',
    ['-old/memory/m', '-new/memory'],
    false,
    ['-new/memory from -new/memory', '-old/memory', '-old/memory/m from -old/memory/m'],
  ],
])('memory moves if %s', (_when, names, isGone, left) => {
  const { configDir, read } = withFiles(...names);
  expect(carryMemory(configDir, { from: safeName('-old'), to: safeName('-new') })).toBe(isGone);
  expect(read().filter((name) => name.includes('memory'))).toEqual(left);
});
