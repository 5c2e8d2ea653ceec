import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { System } from '../../../src/system/system.js';
import { IDLE, run, type World } from '../../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../../support/trees.js';
import { addFile } from '../../support/transcripts.js';

const [ONE, TWO, THREE] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
] as const;

function home(...ids: string[]): string {
  const configDir = emptyConfigDir();
  for (const id of ids) writeSession(configDir, id);
  return configDir;
}

const at = (configDir: string, more: World = {}): World => ({
  configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
  home: '/nowhere',
  cwd: '/',
  ...more,
});
const trashed = (configDir: string): string[] =>
  existsSync(join(configDir, '.ccsess/trash')) ? readdirSync(join(configDir, '.ccsess/trash')) : [];

/** A machine on which a process holds a session, according to its registry file. */
function holding(configDir: string, id: string): System {
  addFile(configDir, 'sessions/7.json', JSON.stringify({ pid: 7, sessionId: id, procStart: '70' }));
  return { ...IDLE, pidExists: (pid) => pid === 7, startTime: (pid) => (pid === 7 ? '70' : null) };
}

describe('rm', () => {
  test('accepts an id in capitals, as other programs may write it', async () => {
    const id = ONE.toUpperCase();
    const configDir = home(id);
    expect(await run(['rm', id, '--yes'], at(configDir))).toEqual({ stdout: `${id}\n`, stderr: '', exitCode: 0 });
    expect(ofSession(snapshot(configDir), id)).toEqual({});
  });

  test('removes all files of a session, and restore brings all of them back', async () => {
    const configDir = home(ONE, TWO);
    const before = snapshot(configDir);
    expect(await run(['rm', ONE, '--yes'], at(configDir))).toEqual({ stdout: `${ONE}\n`, stderr: '', exitCode: 0 });
    expect(ofSession(snapshot(configDir), ONE)).toEqual({});
    expect(ofSession(snapshot(configDir), TWO)).toEqual(ofSession(before, TWO));
    expect(await run(['restore', 'aaaa', '--keep-times'], at(configDir))).toEqual({
      stdout: `${ONE}\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(snapshot(configDir)).toEqual(before);
  });

  test('names the command that frees the space if compression freed less than half', async () => {
    const configDir = home(ONE, TWO);
    addFile(configDir, `projects/${PROJECT}/${ONE}/tool-results/dump.txt`, randomBytes(2 ** 21).toString('base64'));
    const { stdout } = await run(['rm', ONE, '--yes'], at(configDir, { terminal: 100 }));
    expect(stdout.split('\n').slice(1)).toEqual([
      'What the trash holds is freed by: ccsess trash empty',
      'Undo: ccsess restore @last-prune',
      '',
    ]);
    const { stdout: small } = await run(['rm', TWO, '--yes'], at(configDir, { terminal: 100 }));
    expect(small.split('\n').slice(1)).toEqual(['Undo: ccsess restore @last-prune', '']);
  });

  test('with --quiet prints problems only', async () => {
    const configDir = home(ONE, TWO);
    const system = holding(configDir, TWO);
    expect(await run(['rm', ONE, TWO, '-n', '-q'], at(configDir))).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(await run(['rm', ONE, TWO, '--yes', '--quiet'], at(configDir, { system }))).toEqual({
      stdout: '',
      stderr: expect.stringContaining('live') as string,
      exitCode: 3,
    });
    expect(trashed(configDir)).not.toEqual([]);
  });

  test('shows on a terminal what names resolved to, and asks', async () => {
    const configDir = home(ONE);
    const no = await run(['rm', `title of ${ONE}`], at(configDir, { terminal: 100, answers: [false] }));
    expect({ ...no, stderr: no.stderr.replaceAll(/ +/g, ' ') }).toEqual({
      stdout: '',
      stderr:
        ` ID ACTIVE TITLE PROJECT SIZE\n aaaaaaaa 2026-09-01 Title of ${ONE} /home/dev/app 13 KiB\n` +
        'Move 1 session to the trash? [y/N]\nNothing was changed.\n',
      exitCode: 0,
    });
    expect(trashed(configDir)).toEqual([]);
    const yes = await run(['rm', `title of ${ONE}`], at(configDir, { terminal: 100, answers: [true] }));
    const [moved, undo] = yes.stdout.split('\n');
    expect(moved).toMatch(
      /^Moved 1 of 1 session, 13 KiB, to the trash in 0\.0 s\. Compressed: 1\d KiB freed, \d+ B held\.$/,
    );
    expect(undo).toBe('Undo: ccsess restore @last-prune');
    expect(yes.exitCode).toBe(0);
  });

  test('without a terminal accepts only ids, and needs --yes', async () => {
    const configDir = home(ONE);
    const nobody = await run(['rm', ONE], at(configDir));
    expect(nobody).toEqual({
      stdout: '',
      stderr: 'ccsess: cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.\n',
      exitCode: 2,
    });
    for (const name of ['@1', `title of ${ONE}`]) {
      const loose = await run(['rm', name, '--yes'], at(configDir));
      expect(loose).toMatchObject({
        stdout: '',
        exitCode: 2,
        stderr: expect.stringContaining(
          `without a terminal rm accepts only ids: ${name} may refer to a different session by now.`,
        ) as string,
      });
    }
    expect(trashed(configDir)).toEqual([]);
  });

  test('prints the id and the title of the session that a row number means', async () => {
    const refused = await run(['rm', '@1', '--yes'], at(home(ONE)));
    expect(refused.stderr).toBe(
      'ccsess: without a terminal rm accepts only ids: @1 may refer to a different session by now.\n' +
        `  by id:\n  ccsess rm --yes ${ONE}      # Title of ${ONE}\n`,
    );
  });

  test('makes other commands report that the session is in the trash', async () => {
    const configDir = home(ONE);
    await run(['rm', ONE, '--yes'], at(configDir));
    for (const name of [ONE, 'aaaa', `title of ${ONE}`]) {
      const { stderr, exitCode } = await run(['show', name], at(configDir));
      expect(stderr).toMatch(
        new RegExp(`^ccsess: session ${ONE} has been in the trash since .*\\.\\n  ccsess restore ${ONE}\\n$`),
      );
      expect(exitCode).toBe(4);
    }
    expect((await run(['show', 'nothing'], at(configDir))).stderr).toContain("no session 'nothing'");
  });

  test('refuses a config dir that CLAUDE_CONFIG_DIR misspells', async () => {
    const env = { CLAUDE_CONFIG_DIR: '/no/such/dir' };
    const world = { ...at('/'), env, configDirs: resolveConfigDirs({ explicit: [], env, home: '/nowhere', cwd: '/' }) };
    for (const argv of [
      ['rm', ONE, '--yes'],
      ['prune', '--older-than', '30d', '--yes', '--quiet'],
    ])
      expect(await run(argv, world)).toEqual({
        stdout: '',
        stderr: 'ccsess: CLAUDE_CONFIG_DIR=/no/such/dir: no such folder.\n',
        exitCode: 2,
      });
  });

  test('-n changes nothing, not even in a config dir that may not be written', async () => {
    const configDir = home(ONE);
    chmodSync(configDir, 0o500);
    const { stdout, exitCode } = await run(['rm', ONE, '-n', '--json'], at(configDir));
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      dryRun: true,
      remove: [{ id: ONE, status: 'planned' }],
      totals: { remove: 1, removed: 0 },
    });
    expect({ exitCode, made: existsSync(join(configDir, '.ccsess')) }).toEqual({ exitCode: 0, made: false });
    chmodSync(configDir, 0o700);
  });

  test('moves nothing and exits with 4 if one name is unknown', async () => {
    const configDir = home(ONE);
    expect(await run(['rm', ONE, 'dddddddd', '--yes'], at(configDir))).toMatchObject({ stdout: '', exitCode: 4 });
    expect(trashed(configDir)).toEqual([]);
  });

  test('refuses live and pinned sessions: exit code 3 if others were moved, else 5', async () => {
    const configDir = home(ONE, TWO, THREE);
    const system = holding(configDir, ONE);
    addFile(configDir, `projects/${PROJECT}/${TWO}/pinned.json`, '{}');
    const told = 'ccsess: aaaaaaaa is kept: live (pid 7).\nccsess: bbbbbbbb is kept: pinned.\n';
    const hinted = told.replace('\nccsess: ', '\n  ');
    expect(await run(['rm', ONE, TWO, '--yes'], at(configDir, { system }))).toEqual({
      stdout: '',
      stderr: hinted,
      exitCode: 5,
    });
    expect(await run(['rm', ONE, TWO, THREE, '--yes'], at(configDir, { system }))).toEqual({
      stdout: `${THREE}\n`,
      stderr: told,
      exitCode: 3,
    });
    const json = await run(['rm', ONE, '--yes', '--json'], at(configDir, { system }));
    expect(JSON.parse(json.stdout)).toMatchObject({
      dryRun: false,
      remove: [],
      keep: [{ id: ONE, wanted: ['named'], reasons: [{ code: 'live' }] }],
    });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'LIVE', exitCode: 5 } });
  });

  test('--permanent leaves no files', async () => {
    const configDir = home(ONE);
    expect(await run(['rm', ONE, '--permanent', '--yes'], at(configDir, { terminal: 80 }))).toMatchObject({
      stdout: expect.stringMatching(/^Permanently deleted: 1 of 1 session, 13 KiB, in 0\.0 s\.\n$/) as string,
      exitCode: 0,
    });
    expect(ofSession(snapshot(configDir), ONE)).toEqual({});
    expect(trashed(configDir)).toEqual([]);
    expect(existsSync('/etc/hostname')).toBe(true);
  });

  test('refuses on Windows, and while another ccsess is making changes', async () => {
    const configDir = home(ONE);
    expect(await run(['rm', ONE, '--yes'], at(configDir, { system: { ...IDLE, platform: 'win32' } }))).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    mkdirSync(join(configDir, '.ccsess'), { recursive: true });
    writeFileSync(
      join(configDir, '.ccsess/lock'),
      JSON.stringify({
        pid: 7,
        startTime: '70',
        pidDomain: null,
        at: '2026-11-23T06:00:00.000Z',
        trashDirs: [],
        ended: false,
      }),
    );
    const system: System = { ...IDLE, pidExists: (pid) => pid === 7, startTime: () => '70' };
    const locked = await run(['rm', ONE, '--yes', '--lock-wait', '1s'], at(configDir, { system }));
    expect(locked).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('another ccsess (pid 7') as string });
    expect(ofSession(snapshot(configDir), ONE)).not.toEqual({});
  });

  test('moves nothing and exits with 1 if the trash cannot be written', async () => {
    const configDir = home(ONE);
    const before = snapshot(configDir);
    const place = join(addFile(configDir, 'no-folder', ''), 'trash');
    const failed = await run(['rm', ONE, '--yes', '--trash-dir', place], at(configDir));
    expect(failed).toMatchObject({
      stdout: '',
      exitCode: 1,
      stderr: expect.stringContaining(`the trash cannot be written: ${place}`) as string,
    });
    expect(ofSession(snapshot(configDir), ONE)).toEqual(ofSession(before, ONE));
    expect(await run(['rm', ONE, '--yes', '--trash-dir', join(configDir, 'projects/x')], at(configDir))).toMatchObject({
      exitCode: 2,
    });
  });
});
