import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { RunningProcess } from '../../../src/system/process/process-table.js';
import { ownUid, type System } from '../../../src/system/system.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { ID, Removable, REMOVED_AT } from '../../support/removable.js';
import { line, promptLine } from '../../support/transcripts.js';
import { ofSession, PROJECT, snapshot } from '../../support/trees.js';

const LATER = '2026-09-02T10:00:00.000Z';
const JOINED = 'with what Claude Code wrote to it after it was removed';
const UNRELATED = 'and does not continue it';
const HINT = 'to another config dir: --to <folder>';
const UNKNOWN = 'deadbeef-0000-4000-8000-000000000000';

async function removed(...flags: string[]): Promise<Removable> {
  const made = new Removable();
  expect(await made.run(['rm', ID, '--yes', ...flags])).toMatchObject({ exitCode: 0, stderr: '' });
  return made;
}

const prompt = (text: string, more: object = {}): string =>
  promptLine(text, { sessionId: ID, timestamp: LATER, ...more });

const running = (command: string, more: Partial<RunningProcess> = {}): System => ({
  ...IDLE,
  processes: () => [
    {
      pid: 4242,
      uid: ownUid(),
      args: command.split(' '),
      name: '',
      program: null,
      folder: '/home/dev/app',
      startedMs: NOW,
      ...more,
    },
  ],
});

describe('a session that Claude Code wrote to after it was removed is restored as a whole', () => {
  test.each([
    [
      'its first entry follows one that was removed',
      (home: Removable) => prompt('Next', { parentUuid: home.tip, sessionId: 'other', timestamp: REMOVED_AT }),
    ],
    [
      'it begins with a compaction of what was removed',
      (home: Removable) =>
        line({
          type: 'system',
          subtype: 'compact_boundary',
          parentUuid: null,
          logicalParentUuid: home.tip,
          uuid: 'c',
        }) + prompt('Next'),
    ],
    [
      'its entries are of this session, and later than all that was removed',
      () => prompt('Next', { parentUuid: UNKNOWN }),
    ],
    [
      'it holds all that was removed once more, as old versions write it',
      (home: Removable) =>
        home.before.replaceAll('"isSidechain":false', '"isSidechain":false,"x":1') +
        prompt('Next', { timestamp: REMOVED_AT }),
    ],
    [
      'it holds only a title and a mode',
      () => line({ type: 'custom-title', customTitle: 'Late', sessionId: ID }) + line({ type: 'mode', mode: 'normal' }),
    ],
    ['it is empty', () => ''],
  ])('when %s', async (_when, remainderOf) => {
    for (const flags of [[], ['--no-compress']]) {
      const home = await removed(...flags);
      const remainder = home.write(remainderOf(home));
      expect(await home.run(['restore', ID, '-n'])).toEqual({
        stdout: `Would restore aaaaaaaa Title of ${ID}, ${JOINED}.\nNothing was changed.\n`,
        stderr: '',
        exitCode: 0,
      });
      expect(home.text).toBe(remainder);
      expect(await home.run(['restore', ID], { terminal: 120 })).toMatchObject({
        stdout: expect.stringMatching(new RegExp(`^Restored aaaaaaaa .*, ${JOINED}\\.\\n`)) as string,
        stderr: '',
        exitCode: 0,
      });
      expect(home.text).toBe(
        home.before +
          remainder
            .split('\n')
            .filter((written) => !written.includes('"x":1'))
            .join('\n'),
      );
      expect([await home.isInTrash(), existsSync(join(home.configDir, '.ccsess/replaced'))]).toEqual([false, false]);
    }
  });

  test('when what was removed has blanks between its members, as other programs write them', async () => {
    const home = new Removable();
    const before = home.write(home.before.replaceAll('":', '": '));
    await home.run(['rm', ID, '--yes']);
    const next = home.write(prompt('Next', { parentUuid: home.tip, sessionId: 'other', timestamp: REMOVED_AT }));
    expect(await home.run(['restore', ID])).toMatchObject({ stdout: `${ID}\n`, stderr: '', exitCode: 0 });
    expect(home.text).toBe(before + next);
  });

  test('with everything that belonged to it, and what was added since', async () => {
    const home = await removed();
    const before = snapshot(home.configDir);
    home.write(prompt('Next', { parentUuid: home.tip }));
    home.put(`projects/${PROJECT}/${ID}/tool-results/new.txt`, 'new');
    home.put(`projects/${PROJECT}/${ID}/custom-title.json`, '{"customTitle":"New"}');
    home.put(`file-history/${ID}/bb@v1`, 'new');
    expect(await home.run(['restore', ID, '--keep-times'])).toMatchObject({ stdout: `${ID}\n`, exitCode: 0 });
    const now = Object.entries(ofSession(snapshot(home.configDir), ID)).map(([path, what]) => [
      path.replaceAll(ID, 'ID').split('/').slice(-2).join('/'),
      what.split(' ').at(-1),
    ]);
    expect(before).not.toEqual(snapshot(home.configDir));
    expect(Object.fromEntries(now)).toMatchObject({
      'tool-results/new.txt': 'new',
      'tool-results/odd\nname.txt': 'output',
      'ID/custom-title.json': '{"customTitle":"New"}',
      'ID/bb@v1': 'new',
      'ID/aa@v1': 'before',
      'debug/ID.txt': 'debug',
    });
  });

  test('with the conversation in order, and with times young enough for the cleanup', async () => {
    const home = await removed();
    home.write(prompt('Next', { parentUuid: home.tip }));
    await home.run(['restore', ID]);
    expect(statSync(home.transcript).mtimeMs).toBeGreaterThan(NOW - 16 * 24 * 60 * 60 * 1000);
    const { messages } = JSON.parse((await home.run(['show', ID, '--json'])).stdout) as {
      messages: { text: string }[];
    };
    expect(messages.map(({ text }) => text.slice(0, 6))).toEqual(['Prompt', 'Yes.', 'Next']);
  });
});

describe('a file at its path that does not continue the session is kept, and the session stays in the trash', () => {
  test.each([
    ['of another session', () => prompt('Other', { parentUuid: UNKNOWN, sessionId: 'other' })],
    ['older', () => prompt('Older', { parentUuid: UNKNOWN, timestamp: REMOVED_AT })],
    [
      'partly older',
      () => prompt('Later', { parentUuid: null }) + prompt('Older', { timestamp: '2026-08-01T10:00:00.000Z' }),
    ],
    ['without a time', () => prompt('When?', { parentUuid: UNKNOWN, timestamp: undefined })],
    ['a note of another session', () => line({ type: 'custom-title', customTitle: 'Other', sessionId: 'other' })],
    ['no transcript at all', () => 'another\n'],
  ])('%s', async (_what, textOf) => {
    const home = await removed();
    const text = home.write(textOf());
    const refused = await home.run(['restore', ID]);
    expect(refused).toEqual({
      stdout: '',
      exitCode: 5,
      stderr: `ccsess: ${ID} is not restored: ${home.transcript} exists ${UNRELATED}.\n  ${HINT}\n`,
    });
    expect(await home.run(['restore', ID, '-n'])).toMatchObject({
      stdout: expect.stringContaining('Would not restore: ') as string,
      exitCode: 0,
    });
    expect(home.text).toBe(text);
    expect(await home.isInTrash()).toBe(true);
  });

  test('a copy of a file that was created again under the same name', async () => {
    const home = await removed();
    home.write(prompt('Next', { parentUuid: home.tip }));
    home.put(`file-history/${ID}/aa@v1`, 'another');
    expect(await home.run(['restore', ID])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(`file-history/${ID}/aa@v1 exists`) as string,
    });
    expect(readFileSync(join(home.configDir, 'file-history', ID, 'aa@v1'), 'utf8')).toBe('another');
    home.put(`file-history/${ID}/aa@v1`, 'before');
    expect(await home.run(['restore', ID])).toMatchObject({ exitCode: 0 });
  });

  test('in another config dir, whatever its content', async () => {
    const home = await removed();
    const other = new Removable();
    writeFileSync(other.transcript, prompt('Next', { parentUuid: home.tip }));
    expect(await home.run(['restore', ID, '--to', other.configDir])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('exists') as string,
    });
  });
});

describe('while a running Claude Code without a registry file holds the session', () => {
  const live = expect.stringContaining(
    `${ID} is not restored: it is live (pid 4242).\n  end Claude Code there first\n`,
  ) as string;

  test('it is not restored, with a remainder and without', async () => {
    const system = running(`claude --resume ${ID}`);
    const home = await removed();
    expect(await home.run(['restore', ID], { system })).toEqual({ stdout: '', stderr: live, exitCode: 5 });
    const remainder = home.write(prompt('Next', { parentUuid: home.tip }));
    expect(await home.run(['restore', ID], { system })).toEqual({ stdout: '', stderr: live, exitCode: 5 });
    expect(JSON.parse((await home.run(['restore', ID, '--json'], { system })).stderr)).toMatchObject({
      error: { code: 'LIVE', exitCode: 5 },
    });
    expect((await home.run(['restore', ID, '-n'], { system })).stdout).toContain('Would not restore: ');
    expect(home.text).toBe(remainder);
    const elsewhere = join(home.configDir, 'elsewhere');
    const copied = await home.run(['restore', ID, '--to', elsewhere], { system });
    expect(copied).toMatchObject({ stdout: `${ID}\n`, exitCode: 0 });
    expect(home.text).toBe(remainder);
  });

  test('a process whose session is unknown prevents joining a remainder in its folder', async () => {
    const system = running('claude');
    const home = await removed();
    home.write(prompt('Next', { parentUuid: home.tip }));
    expect(await home.run(['restore', ID], { system })).toEqual({ stdout: '', stderr: live, exitCode: 5 });
    expect(await (await removed()).run(['restore', ID], { system })).toMatchObject({ stdout: `${ID}\n`, exitCode: 0 });
  });

  test('it is not restored if the process started while the remainder was read', async () => {
    const home = await removed('--no-compress');
    const remainder = home.write(prompt('Next', { parentUuid: home.tip }));
    let checks = 0;
    for (; ; checks++) {
      let left = checks;
      const late = running(`claude --resume ${ID}`);
      const outcome = await home.run(['restore', ID], {
        system: { ...late, processes: () => (left-- > 0 ? [] : late.processes()) },
      });
      if (outcome.exitCode === 0) break;
      expect(outcome).toEqual({ stdout: '', stderr: live, exitCode: 5 });
      expect([home.text, await home.isInTrash()]).toEqual([remainder, true]);
    }
    // One check before it was moved, one right before the joined file replaced it. Nothing had to be unpacked.
    expect(checks).toBe(2);
    expect(home.text).toBe(home.before + remainder);
  });
});

test('a program that never stops writing to the remainder loses no line, even after the restore gave up', async () => {
  const home = await removed('--no-compress');
  const remainder = home.write(prompt('Next', { parentUuid: home.tip }), '{"torn":');
  const program = openSync(home.transcript, 'a');
  let written = '';
  const write = (text: string): void => {
    written += text;
    writeSync(program, text);
  };
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    write(written === '' ? '1}\n' : `{"n":${written.length}}\n`);
    return 'timed-out';
  });
  expect(await home.run(['restore', ID])).toEqual({
    stdout: '',
    stderr:
      `ccsess: ${ID} is restored in part: it is being written to: ${home.transcript}.\n` +
      '  fix that, then run ccsess recover\n',
    exitCode: 1,
  });
  wait.mockRestore();
  write('{"last":1}\n');
  closeSync(program);
  expect(await home.run(['recover'])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(home.text).toBe(home.before + remainder + written);
  expect([await home.isInTrash(), existsSync(join(home.configDir, '.ccsess/replaced'))]).toEqual([false, false]);
});

describe('after a kill while the joined file is written', () => {
  /** Creates the state that such a kill leaves. */
  async function killed(): Promise<{ home: Removable; partial: string }> {
    const home = await removed('--no-compress');
    const [entry] = readTrash(home.configDirs, null);
    const [root] = entry?.session.roots ?? [];
    if (entry === undefined || root === undefined) throw new Error('nothing in the trash');
    entry.setState('restoring');
    const partial = `${entry.copyPath(root)}.joined`;
    writeFileSync(partial, home.before.slice(0, 1000));
    const lock = { pid: 99, startTime: '1', pidDomain: null, at: new Date(NOW).toISOString(), trashDirs: [] };
    home.put('.ccsess/lock', JSON.stringify(lock));
    return { home, partial };
  }

  test('the next run joins both, with what was written since', async () => {
    const { home, partial } = await killed();
    const remainder = home.write(prompt('Next', { parentUuid: home.tip }), prompt('Later'));
    expect(await home.run(['recover'])).toMatchObject({
      stdout: `aaaaaaaa Title of ${ID} is restored.\n`,
      exitCode: 0,
    });
    expect([home.text, existsSync(partial), await home.isInTrash()]).toEqual([home.before + remainder, false, false]);
  });

  test('the next run leaves nothing half-written if the remainder is gone by then', async () => {
    const { home, partial } = await killed();
    expect(await home.run(['recover'])).toMatchObject({
      stdout: `aaaaaaaa Title of ${ID} is restored.\n`,
      exitCode: 0,
    });
    expect([home.text, existsSync(partial), await home.isInTrash()]).toEqual([home.before, false, false]);
  });
});
