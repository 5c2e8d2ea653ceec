import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { NOW } from '../../support/builders.js';
import { run, type Outcome } from '../../support/context.js';
import { withoutPrivileges } from '../../support/other-user.js';
import { emptyConfigDir, PROJECT, writeSession } from '../../support/trees.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

function at(configDir: string, ...argv: string[]): Promise<Outcome> {
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  return run(argv, { configDirs, home: '/nowhere', cwd: '/' });
}

/** Expects a later run with the trash of the config dir to work as if the unusable trash had never been tried. */
async function expectUnharmed(configDir: string): Promise<void> {
  expect(await at(configDir, 'recover')).toEqual({ stdout: 'Nothing to recover.\n', stderr: '', exitCode: 0 });
  expect(await at(configDir, 'rm', ID, '--yes')).toEqual({ stdout: `${ID}\n`, stderr: '', exitCode: 0 });
}

test.each<[string, (configDir: string) => string]>([
  ['whose name is too long', (configDir) => join(configDir, 'a'.repeat(300))],
  [
    'behind a link to itself',
    (configDir) => {
      symlinkSync('loop', join(configDir, 'loop'));
      return join(configDir, 'loop/trash');
    },
  ],
])('a trash %s is refused, and stops no later run', async (_, make) => {
  const configDir = emptyConfigDir();
  writeSession(configDir, ID);
  const trash = make(configDir);
  for (const args of [
    ['prune', '--older-than', '1d', '--min-idle', '1min'],
    ['rm', ID],
  ]) {
    const { stderr, exitCode } = await at(configDir, ...args, '--yes', '--trash-dir', trash);
    expect(stderr).toMatch(/^ccsess: the trash cannot be written: .* Nothing was moved\.\n$/);
    expect(exitCode).toBe(1);
  }
  for (const args of [['recover'], ['restore', '--last'], ['trash', 'empty', '--yes'], ['trash']])
    expect((await at(configDir, ...args, '--trash-dir', trash)).exitCode).toBe(0);
  await expectUnharmed(configDir);
});

test('a trash that may not be read is refused, and stops no later run', async () => {
  const configDir = emptyConfigDir();
  writeSession(configDir, ID);
  const trash = join(configDir, 'closed');
  mkdirSync(trash);
  await withoutPrivileges(configDir, async () => {
    chmodSync(trash, 0);
    for (const args of [
      ['rm', ID, '--yes'],
      ['recover'],
      ['restore', '--last'],
      ['trash', 'empty', '--yes'],
      ['trash'],
    ])
      expect(await at(configDir, ...args, '--trash-dir', trash)).toEqual({
        stdout: '',
        stderr: `ccsess: the trash cannot be read: ${trash} (EACCES).\n`,
        exitCode: 1,
      });
    await expectUnharmed(configDir);
  });
});

describe('the last run', () => {
  const [EARLIER, LATER] = ['bbbbbbbb-0000-4000-8000-000000000002', 'cccccccc-0000-4000-8000-000000000003'];

  const transcript = (configDir: string, id: string): string => join(configDir, 'projects', PROJECT, `${id}.jsonl`);

  /** Removes one session, and two others in a later run; returns the folder of the later run. */
  async function inTwoRuns(configDir: string): Promise<string> {
    for (const id of [ID, EARLIER, LATER]) writeSession(configDir, id);
    const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
    await run(['rm', EARLIER, '--yes'], { configDirs, home: '/nowhere', cwd: '/', now: NOW - 60_000 });
    const before = new Set(readdirSync(join(configDir, '.ccsess/trash')));
    await at(configDir, 'rm', ID, LATER, '--yes');
    const later = readdirSync(join(configDir, '.ccsess/trash')).find((name) => !before.has(name));
    return join(configDir, '.ccsess/trash', later ?? '');
  }

  test('is not the one before it if its folder may not be read', async () => {
    const configDir = emptyConfigDir();
    const later = await inTwoRuns(configDir);
    await withoutPrivileges(configDir, async () => {
      chmodSync(later, 0);
      const outcome = await at(configDir, 'restore', '--last');
      chmodSync(later, 0o700);
      expect(outcome.stdout).toBe('');
      expect(outcome.stderr).toContain(`ccsess: the last run in the trash cannot be read: ${later}.\n`);
      expect(outcome.exitCode).toBe(1);
      expect(existsSync(transcript(configDir, EARLIER))).toBe(false);
      expect((await at(configDir, 'restore', '--last')).exitCode).toBe(0);
      expect([ID, EARLIER, LATER].map((id) => existsSync(transcript(configDir, id)))).toEqual([true, false, true]);
    });
  });

  test('is restored as far as it can be read, with exit code 3', async () => {
    const configDir = emptyConfigDir();
    const later = await inTwoRuns(configDir);
    await withoutPrivileges(configDir, async () => {
      const manifest = join(later, 'manifest.jsonl');
      const lines = readFileSync(manifest, 'utf8').split('\n');
      writeFileSync(manifest, lines.filter((text) => !text.includes(ID)).join('\n'));
      rmSync(join(later, 'manifest.copy.jsonl'));
      const entry = readdirSync(later).find((name) => name.startsWith('1')) ?? '';
      chmodSync(join(later, entry), 0);
      const outcome = await at(configDir, 'restore', '--last');
      chmodSync(join(later, entry), 0o700);
      expect(outcome.stderr).toContain('Cannot be read (EACCES)');
      expect(outcome.exitCode).toBe(3);
      expect([ID, EARLIER, LATER].map((id) => existsSync(transcript(configDir, id)))).toEqual([false, false, true]);
    });
  });
});
