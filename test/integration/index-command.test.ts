import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { HOME } from '../support/builders.js';
import { run, type World } from '../support/context.js';
import { fixtureHome } from '../support/fixtures.js';
import { temporaryFolder } from '../support/temporary.js';

/** A home whose index has been written just now. */
async function indexed(more: World = {}): Promise<World & { cacheDir: string }> {
  const configDirs = resolveConfigDirs({ explicit: [fixtureHome('recorded/title')], env: {}, home: HOME, cwd: '/' });
  const cacheDir = join(temporaryFolder('cache'), 'ccsess');
  await openSessionIndex({ configDirs, cacheDir, now: Date.now });
  return { configDirs, cacheDir, now: Date.now(), ...more };
}

const bare = (more: World = {}): World => ({ cacheDir: `${HOME}/.cache/ccsess`, ...more });

describe('index status', () => {
  test('prints the path, size and age of the index', async () => {
    const world = await indexed({ terminal: 300 });
    const { stdout, stderr, exitCode } = await run(['index'], world);
    const [heading, row = '', ...rest] = stdout.split('\n');
    expect(heading?.split(/ {2,}/)).toEqual(['', 'CONFIG DIR', 'SESSIONS', 'SIZE', 'WRITTEN', 'INDEX']);
    expect(row.split(/ {2,}/)).toEqual([
      '',
      world.configDirs?.[0]?.path,
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^[\d.]+ [KM]?i?B$/),
      'now',
      world.cacheDir,
    ]);
    expect(rest).toEqual(['']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  test('reports that there is no index', async () => {
    expect(await run(['index', 'status'], bare({ terminal: 100 }))).toEqual({
      stdout: `\
  CONFIG DIR  SESSIONS  SIZE  WRITTEN  INDEX
  ~/.claude   none yet        –        ~/.cache/ccsess

The next command that reads sessions creates what is missing.
`,
      stderr: '',
      exitCode: 0,
    });
    expect(await run(['index', 'status'], bare())).toEqual({
      stdout: '/home/me/.claude\t/home/me/.cache/ccsess\t\t0\t\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await run(['index', '--json'], bare())).toEqual({
      stdout:
        '[{"schemaVersion":1,"configDir":"/home/me/.claude","cacheDir":"/home/me/.cache/ccsess","sessions":null,' +
        '"bytes":0,"filterBytes":0,"writtenAt":null}]\n',
      stderr: '',
      exitCode: 0,
    });
  });
});

describe('index clear', () => {
  test('removes it and nothing else', async () => {
    const world = await indexed();
    const { stdout, stderr, exitCode } = await run(['index', 'clear'], world);
    expect(stdout).toMatch(new RegExp(`^Cleared the index in ${world.cacheDir}: [\\d.]+ [KM]?i?B freed\\.\\n$`));
    expect({ stderr, exitCode, left: readdirSync(world.cacheDir) }).toEqual({ stderr: '', exitCode: 0, left: [] });
    expect(await run(['index', 'clear', '--json'], world)).toEqual({
      stdout: `{"schemaVersion":1,"cacheDir":${JSON.stringify(world.cacheDir)},"freedBytes":0}\n`,
      stderr: '',
      exitCode: 0,
    });
  });
});
