import { beforeEach, describe, expect, test } from 'vitest';
import { A, B, BUSY, CONVERSATION, Home, OLD } from '../support/amended.js';
import { line } from '../support/transcripts.js';

const FILE = `projects/-home-dev-app/${A}.jsonl`;
const tagLine = (tag: string): string => `{"type":"tag","tag":"${tag}","sessionId":"${A}"}\n`;

let home: Home;
beforeEach(
  () => void (home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION, [`-home-dev-api/${B}`]: CONVERSATION })),
);

describe('tag', () => {
  test('writes the line that the Agent SDK writes, and keeps the times', async () => {
    expect(await home.run(['tag', '3f2a91c0', ' \ufb01ne '])).toEqual({ stdout: `${A}\n`, stderr: '', exitCode: 0 });
    expect(home.read(FILE)).toBe(CONVERSATION + tagLine('fine'));
    expect(home.stat(FILE).mtime).toEqual(OLD);
    expect(await home.run(['list', '--tag', 'fine'])).toMatchObject({ stdout: expect.stringContaining(A) as string });
  });

  test('without an argument prints the current tag', async () => {
    expect(await home.run(['tag', A])).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect((await home.run(['tag', A], { terminal: 80 })).stdout).toBe('3f2a91c0 has no tag.\n');
    await home.run(['tag', A, 'nightly']);
    expect((await home.run(['tag', A])).stdout).toBe('nightly\n');
    expect((await home.run(['tag', '--last'], { cwd: '/home/dev/app' })).stdout).toBe('nightly\n');
    expect(await home.record(['tag', A])).toMatchObject({ schemaVersion: 1, id: A, tag: 'nightly' });
  });

  test('prints the old and the new tag on a terminal; --clear writes an empty line, once', async () => {
    const tag = async (...words: string[]): Promise<string> =>
      (await home.run(['tag', A, ...words], { terminal: 80 })).stdout;
    expect(await tag('one')).toBe('Tagged 3f2a91c0 "one".\n');
    expect(await tag('two')).toBe('Tagged 3f2a91c0 "two" (was "one").\n');
    expect(await tag('--clear')).toBe('Cleared the tag of 3f2a91c0 (was "two").\n');
    expect(await tag('--clear')).toBe('3f2a91c0 has no tag.\n');
    expect(home.read(FILE)).toBe(CONVERSATION + tagLine('one') + tagLine('two') + tagLine(''));
    expect(await home.record(['tag', A])).toMatchObject({ tag: null });
  });

  test('-n writes nothing', async () => {
    expect(await home.run(['tag', A, 'one', '-n'])).toEqual({
      stdout: 'Would tag 3f2a91c0 "one".\n',
      stderr: '',
      exitCode: 0,
    });
    expect(home.read(FILE)).toBe(CONVERSATION);
  });

  test('is safe while the session is live and after a torn line', async () => {
    home.put(FILE, `${CONVERSATION}{"torn`);
    home.hold(A);
    expect((await home.run(['tag', A, 'one'], { system: BUSY })).exitCode).toBe(0);
    expect(home.read(FILE)).toBe(`${CONVERSATION}{"torn\n${tagLine('one')}`);
    expect(home.stat(FILE).mtime.getTime()).toBeGreaterThan(OLD.getTime());
  });

  test.each([
    [['two', 'words'], 'a session has one tag; quote a tag of several words: "two words".'],
    [['one', '--clear'], '--clear removes the tag: do not pass a new one.'],
    [[' '], 'a tag needs at least one visible character.'],
    [['a\nb'], 'a tag must be one line without control characters.'],
    [['x'.repeat(201)], 'a tag can have at most 200 characters; this one has 201.'],
  ])('refuses %j', async (words, message) => {
    expect(await home.run(['tag', A, ...words])).toEqual({ stdout: '', stderr: `ccsess: ${message}\n`, exitCode: 2 });
    expect(home.read(FILE)).toBe(CONVERSATION);
  });

  test('refuses a session without a conversation', async () => {
    const text = line({ type: 'custom-title', customTitle: 'Dead', sessionId: A });
    home.put(FILE, text);
    expect((await home.run(['tag', A, 'one'])).exitCode).toBe(1);
    expect(home.read(FILE)).toBe(text);
  });
});
