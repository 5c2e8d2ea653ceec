import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { A, B, CONVERSATION, Home, OLD } from '../support/amended.js';
import { NOW } from '../support/builders.js';
import { promptLine } from '../support/transcripts.js';

const AT = new Date(NOW).toISOString();
const FILE = `projects/-home-dev-app/${A}.jsonl`;
const markOf = (session: string): string => `projects/${session}/archived.json`;
const [MARK_A, MARK_B] = [markOf(`-home-dev-app/${A}`), markOf(`-home-dev-api/${B}`)] as const;

let home: Home;
beforeEach(
  () => void (home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION, [`-home-dev-api/${B}`]: CONVERSATION })),
);

describe('archive', () => {
  test('writes the sidecar of the Agent SDK and does not touch the transcript', async () => {
    expect(await home.run(['archive', '3f2a91c0'])).toEqual({ stdout: `${A}\n`, stderr: '', exitCode: 0 });
    expect(home.read(MARK_A)).toBe(`{"archived":true,"at":"${AT}","by":"ccsess"}`);
    expect([home.stat(MARK_A).mode, home.stat(`projects/-home-dev-app/${A}`).mode]).toEqual(['600', '700']);
    expect([home.read(FILE), home.stat(FILE).mtime]).toEqual([CONVERSATION, OLD]);
  });

  test('hides the session from the default list until it is unarchived or continued', async () => {
    const listed = async (): Promise<boolean> =>
      (await home.run(['list'], { terminal: 80 })).stdout.includes('3f2a91c0');
    await home.run(['archive', A]);
    expect(await listed()).toBe(false);
    expect((await home.run(['unarchive', A], { terminal: 80 })).stdout).toBe('Unarchived 3f2a91c0 “Say hello”.\n');
    expect(home.read(MARK_A)).toBe(`{"archived":false,"at":"${AT}","by":"ccsess"}`);
    expect(await listed()).toBe(true);
    await home.run(['archive', A]);
    home.put(FILE, CONVERSATION + promptLine('continue', { timestamp: new Date(NOW + 1000).toISOString() }));
    expect(await listed()).toBe(true);
  });

  test('prints how many were changed, and does not change sessions already in that state', async () => {
    const said = async (...words: string[]): Promise<string> => (await home.run(words, { terminal: 80 })).stdout;
    expect(await said('archive', A)).toBe('Archived 3f2a91c0 “Say hello”.\n');
    expect(await said('archive', A)).toBe('3f2a91c0 “Say hello” is archived already.\n');
    expect(await said('archive', A, B)).toBe('Archived 1 session; 1 was archived already.\n');
    expect(await said('unarchive', A, B, '3f2a')).toBe('Unarchived 2 sessions.\n');
    expect(await said('unarchive', B)).toBe('c8e4d1f0 “Say hello” is not archived.\n');
  });

  test('--last means the newest session of this folder', async () => {
    expect((await home.run(['archive', '--last'], { cwd: '/home/dev/app' })).stdout).toMatch(/^(3f2a91c0|c8e4d1f0)-/);
  });

  test('--json prints an array of the records afterwards', async () => {
    const records = JSON.parse((await home.run(['archive', A, B, '--json'])).stdout) as {
      id: string;
      archived: boolean;
    }[];
    expect(records.map(({ id, archived }) => [id, archived])).toEqual([
      [A, true],
      [B, true],
    ]);
  });

  test('-n writes nothing', async () => {
    expect(await home.run(['archive', A, B, '-n'])).toEqual({
      stdout: 'Would archive 2 sessions.\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await home.record(['archive', A, '-n'])).toMatchObject({ id: A, archived: false });
    expect([home.read(MARK_A), readdirSync(home.path('projects/-home-dev-app'))]).toEqual([null, [`${A}.jsonl`]]);
  });

  test('marks every copy of an id', async () => {
    home.put(`projects/-home-dev-copy/${A}.jsonl`, promptLine('copied', { cwd: '/home/dev/copy' }));
    expect(await home.run(['archive', A, B])).toEqual({ stdout: `${A}\n${B}\n`, stderr: '', exitCode: 0 });
    expect([home.read(MARK_A), home.read(markOf(`-home-dev-copy/${A}`))].map((text) => text?.slice(0, 16))).toEqual(
      Array(2).fill('{"archived":true'),
    );
    home.put(MARK_A, `{"archived":false,"at":"${AT}"}`);
    expect((await home.run(['archive', A])).stdout).toBe(`${A}\n`);
    expect(home.read(MARK_A)).toContain('"archived":true');
  });

  test('does not mark a copy in a linked project dir', async () => {
    const outside = home.path('outside');
    mkdirSync(outside);
    writeFileSync(join(outside, `${A}.jsonl`), promptLine('copied', { cwd: '/home/dev/copy' }));
    symlinkSync(outside, home.path('projects/-home-dev-copy'));
    expect(await home.run(['archive', `projects/-home-dev-app/${A}`])).toMatchObject({ stderr: '', exitCode: 0 });
    expect(home.read(MARK_A)).toContain('"archived":true');
    expect(readdirSync(outside)).toEqual([`${A}.jsonl`]);
  });

  test('changes nothing if any name is not found', async () => {
    expect(await home.run(['archive', A, 'nobody'])).toEqual({
      stdout: '',
      stderr: "ccsess: no session 'nobody'\n  ccsess list\n",
      exitCode: 4,
    });
    expect(home.read(MARK_A)).toBeNull();
    expect((await home.run(['archive'])).exitCode).toBe(2);
    expect((await home.run(['archive', A, '--last'])).exitCode).toBe(2);
  });

  test('archives the other sessions if one sidecar cannot be written', async () => {
    home.put(`projects/-home-dev-app/${A}`, 'no folder');
    const failure =
      `ccsess: session ${A} was not archived: the archived.json next to ${home.path(FILE)} cannot be written: ` +
      `${home.path(`projects/-home-dev-app/${A}`)} is not a folder.\n`;
    expect(await home.run(['archive', A, B])).toEqual({ stdout: `${B}\n`, stderr: failure, exitCode: 3 });
    expect(home.read(MARK_B)).toContain('"archived":true');
    expect(await home.run(['archive', A])).toEqual({ stdout: '', stderr: failure, exitCode: 1 });
  });
});
