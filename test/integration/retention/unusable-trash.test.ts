import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { run, type Outcome } from '../../support/context.js';
import { withoutPrivileges } from '../../support/other-user.js';
import { emptyConfigDir, writeSession } from '../../support/trees.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

function at(configDir: string, ...argv: string[]): Promise<Outcome> {
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  return run(argv, { configDirs, home: '/nowhere', cwd: '/' });
}

/** A later run with the trash of the config dir must do as if nothing had been tried. */
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
