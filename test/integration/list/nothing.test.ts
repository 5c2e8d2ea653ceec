import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { unreadable } from '../../../src/system/problem.js';
import { fakeIndex } from '../../support/builders.js';
import { run, type World } from '../../support/context.js';
import { list, SESSIONS } from '../../support/list-sessions.js';
import { temporaryFolder } from '../../support/temporary.js';

describe('nothing to list', () => {
  const NOTHING: World = { index: fakeIndex([]) };

  test.each<[string, World, string]>([
    ['', { terminal: 80 }, ''],
    ['', {}, ''],
    ['--json', {}, '[]\n'],
    ['--jsonl', {}, ''],
  ])('because there is no session: list %s', async (args, more, stdout) => {
    expect(await list(args, { ...NOTHING, ...more })).toEqual({
      stdout,
      stderr:
        'No sessions: /home/me/.claude has no projects folder yet. Claude Code creates it with the first prompt; ' +
        'ccsess create creates an empty session.\n',
      exitCode: 0,
    });
  });

  test('because the project dirs cannot be read', async () => {
    const problem = unreadable('/home/me/.claude/projects/-x', Object.assign(new Error(), { code: 'EACCES' }));
    expect(await list('', { index: fakeIndex([], [problem]) })).toEqual({
      stdout: '',
      stderr:
        'ccsess: Cannot be read (EACCES): ~/.claude/projects/-x\n' +
        'No sessions in /home/me/.claude that can be read.\n',
      exitCode: 0,
    });
  });

  test('because the config dir given is a folder above or below the right one', async () => {
    const home = temporaryFolder('level');
    mkdirSync(join(home, '.claude/projects'), { recursive: true });
    for (const wrong of [home, join(home, '.claude/projects'), join(home, '.claude/projects/-a')]) {
      const configDirs = resolveConfigDirs({ explicit: [wrong], env: {}, home: '/nowhere', cwd: '/' });
      const { stderr } = await list('', { ...NOTHING, configDirs });
      expect(stderr).toBe(`No sessions: ${wrong} is not a config dir. Did you mean --config-dir ${home}/.claude?\n`);
    }
  });

  test('because no session matches', async () => {
    expect(await list('--tag weekly --live', { terminal: 80 })).toEqual({
      stdout: '',
      stderr: 'No sessions match --tag weekly --live (searched 11).\n',
      exitCode: 0,
    });
    expect(await run(['list', '--json', '--title', "it's me"], { index: fakeIndex(SESSIONS) })).toEqual({
      stdout: '[]\n',
      stderr: "No sessions match --title 'it'\\''s me' (searched 11).\n",
      exitCode: 0,
    });
  });

  test('because the sessions are in folders below', async () => {
    expect(await list('-p /home/me/code/', { terminal: 80 })).toEqual({
      stdout: '',
      stderr:
        "No sessions match -p /home/me/code/ (searched 11).\nFolders below have 5 sessions: -p '/home/me/code/**'\n",
      exitCode: 0,
    });
  });
});
