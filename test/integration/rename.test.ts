import fc from 'fast-check';
import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkTitle } from '../../src/sessions/amend/title.js';
import { titleText } from '../../src/transcript/messages/title-text.js';
import { A, B, BUSY, CONVERSATION, Home, OLD } from '../support/amended.js';
import { NOW } from '../support/builders.js';
import { line, promptLine } from '../support/transcripts.js';
import { rounds } from '../support/rounds.js';

const FILE = `projects/-home-dev-app/${A}.jsonl`;
const SIDECAR = `projects/-home-dev-app/${A}/custom-title.json`;
const titleLines = (title: string): string =>
  `{"type":"custom-title","customTitle":${JSON.stringify(title)},"sessionId":"${A}"}\n` +
  `{"type":"agent-name","agentName":${JSON.stringify(title)},"sessionId":"${A}"}\n`;
const sidecar = (title: string): string =>
  `{"customTitle":${JSON.stringify(title)},"by":"user","at":"${new Date(NOW).toISOString()}"}`;

let home: Home;
beforeEach(
  () => void (home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION, [`-home-dev-api/${B}`]: CONVERSATION })),
);

describe('rename', () => {
  test('writes the lines and the sidecar of Claude Code, and leaves the times alone', async () => {
    expect(await home.run(['rename', '3f2a91c0', ' Fix "é" '])).toEqual({ stdout: `${A}\n`, stderr: '', exitCode: 0 });
    expect(home.read(FILE)).toBe(CONVERSATION + titleLines('Fix "é"'));
    expect(home.read(SIDECAR)).toBe(sidecar('Fix "é"'));
    expect([home.stat(SIDECAR).mode, home.stat(`projects/-home-dev-app/${A}`).mode]).toEqual(['600', '700']);
    expect(home.stat(FILE).mtime).toEqual(OLD);
  });

  test('prints the old and the new title on a terminal', async () => {
    const rename = async (...words: string[]): Promise<string> =>
      (await home.run(['rename', ...words], { terminal: 80 })).stdout;
    expect(await rename(A, 'One')).toBe('Renamed 3f2a91c0 to "One".\n');
    expect(await rename('one', 'Two')).toBe('Renamed 3f2a91c0 to "Two" (was "One").\n');
    expect(await rename('Two', '--clear')).toBe('Cleared the title of 3f2a91c0 (was "Two").\n');
    expect(await rename(A, '--clear')).toBe('3f2a91c0 has no custom title.\n');
  });

  test('--json prints the record as it is afterwards', async () => {
    expect(await home.record(['rename', A, 'One'])).toMatchObject({
      schemaVersion: 1,
      id: A,
      title: 'One',
      titleSource: 'custom',
    });
  });

  test('--clear empties both lines and removes the sidecar', async () => {
    await home.run(['rename', A, 'One']);
    expect(await home.record(['rename', A, '--clear'])).toMatchObject({ title: 'Say hello', titleSource: 'prompt' });
    expect(home.read(FILE)).toBe(CONVERSATION + titleLines('One') + titleLines(''));
    expect(home.read(SIDECAR)).toBeNull();
    expect((await home.run(['rename', A, '--clear'])).exitCode).toBe(0);
    expect(home.read(FILE)).toBe(CONVERSATION + titleLines('One') + titleLines(''));
  });

  test('accepts a title after --, and with --last takes the first word as the title', async () => {
    await home.run(['rename', A, '--', '-n']);
    expect(home.read(SIDECAR)).toBe(sidecar('-n'));
    expect((await home.run(['rename', '--last', 'Newest'], { cwd: '/home/dev/app' })).exitCode).toBe(0);
    expect(home.read(FILE)).toContain(titleLines('Newest'));
  });

  test('--touch, and a session that is live, count as changed now', async () => {
    await home.run(['rename', A, 'One', '--touch']);
    expect(home.stat(FILE).mtime.getTime()).toBeGreaterThan(OLD.getTime());
    home.put(FILE, CONVERSATION);
    home.hold(A);
    expect((await home.run(['rename', A, 'Two'], { system: BUSY })).exitCode).toBe(0);
    expect(home.read(FILE)).toBe(CONVERSATION + titleLines('Two'));
    expect(home.stat(FILE).mtime.getTime()).toBeGreaterThan(OLD.getTime());
  });

  test('ends a torn last line instead of writing into it', async () => {
    home.put(FILE, `${CONVERSATION}{"type":"user","mess`);
    await home.run(['rename', A, 'One']);
    expect(home.read(FILE)).toBe(`${CONVERSATION}{"type":"user","mess\n${titleLines('One')}`);
  });

  test('-n says what it would do and writes nothing', async () => {
    expect(await home.run(['rename', A, 'One', '-n'])).toEqual({
      stdout: 'Would rename 3f2a91c0 to "One".\n',
      stderr: '',
      exitCode: 0,
    });
    const json = await home.run(['rename', A, 'One', '-n', '--json']);
    expect(json).toMatchObject({ stderr: 'Would rename 3f2a91c0 to "One".\n', exitCode: 0 });
    expect(JSON.parse(json.stdout)).toMatchObject({ id: A, titleSource: 'prompt' });
    expect([home.read(FILE), home.read(SIDECAR)]).toEqual([CONVERSATION, null]);
    expect((await home.run(['rename', A, ' ', '-n'])).exitCode).toBe(2);
  });

  test('reports that another session of the project has the title', async () => {
    const other = '77777777-0000-4000-8000-000000000000';
    home.put(
      `projects/-home-dev-app/${other}.jsonl`,
      CONVERSATION + line({ type: 'custom-title', customTitle: 'Same', sessionId: other }),
    );
    expect(await home.run(['rename', A, 'same'])).toEqual({
      stdout: `${A}\n`,
      stderr: 'ccsess: 77777777 of this project has the same title: use ids to name them.\n',
      exitCode: 0,
    });
    expect((await home.run(['rename', B, 'same'])).stderr).toBe('');
  });

  test('any title is refused, or written as it is and shown as the picker shows it', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 250 }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (title) => {
        const written = acceptedTitle(title);
        const { exitCode } = await home.run(['rename', A, '--', title]);
        expect(exitCode).toBe(written === null ? 2 : 0);
        if (written === null) return;
        const text = home.read(FILE) ?? '';
        expect(text.endsWith(titleLines(written))).toBe(true);
        // A title that consists of elements only is shown with them.
        const shown = titleText(written) || written.replace(/\s+/g, ' ');
        expect(await home.record(['show', A])).toMatchObject({ session: { title: shown, titleSource: 'custom' } });
        // Without the lines the sidecar says the same.
        home.put(FILE, CONVERSATION);
        expect(await home.record(['show', A])).toMatchObject({ session: { title: shown, titleSource: 'custom' } });
        home.put(FILE, text);
      }),
      { numRuns: rounds(30), examples: [['a\u2000b  c'], ['<b>x</b>'], ['a <b>x</b> y']] },
    );
  });
});

function acceptedTitle(title: string): string | null {
  try {
    return checkTitle(title);
  } catch {
    return null;
  }
}

describe('rename refuses', () => {
  const rename = (...words: string[]): ReturnType<Home['run']> => home.run(['rename', ...words]);
  test.each([
    [[A, ''], 'a title needs at least one visible character.'],
    [[A, '\u001b\n'], 'a title needs at least one visible character.'],
    [[A, 'x'.repeat(201)], 'a title can have at most 200 characters; this one has 201.'],
    [[A], 'missing title after the session (--clear removes the current one).'],
    [[], 'missing title after the session (--clear removes the current one).'],
    [[A, 'Fix', 'the', 'race'], 'quote a title of several words: "Fix the race".'],
    [[A, 'One', '--clear'], '--clear removes the title: do not pass a new one.'],
    [['--clear'], 'no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ])('%j', async (words, message) => {
    expect(await rename(...words)).toEqual({ stdout: '', stderr: `ccsess: ${message}\n`, exitCode: 2 });
    expect([home.read(FILE), home.read(SIDECAR)]).toEqual([CONVERSATION, null]);
  });

  test('a session that does not exist', async () => {
    expect(await rename('nobody', 'One')).toEqual({
      stdout: '',
      stderr: "ccsess: no session 'nobody'\n  ccsess list\n",
      exitCode: 4,
    });
  });

  test.each([
    ['empty', ''],
    ['only a title', line({ type: 'custom-title', customTitle: 'Dead', sessionId: A })],
    ['only a side conversation', promptLine('sub', { isSidechain: true })],
  ])('a transcript that is %s: Claude Code cannot open it', async (_what, text) => {
    home.put(FILE, text);
    expect(await rename(A, 'One')).toEqual({
      stdout: '',
      stderr: `ccsess: session ${A} has no conversation, so Claude Code cannot open it: nothing was written.\n`,
      exitCode: 1,
    });
    expect([home.read(FILE), home.read(SIDECAR)]).toEqual([text, null]);
  });

  test('to ignore a sidecar that cannot be written', async () => {
    mkdirSync(home.path(SIDECAR), { recursive: true });
    expect(await rename(A, 'One')).toEqual({
      stdout: '',
      stderr:
        `ccsess: session ${A} has its new title, but Claude Code may miss it in a long transcript: its ` +
        'custom-title.json cannot be written (EISDIR).\n',
      exitCode: 1,
    });
    expect(home.read(FILE)).toBe(CONVERSATION + titleLines('One'));
  });
});
