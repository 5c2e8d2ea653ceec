import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { run, type Outcome } from '../support/context.js';
import { rounds } from '../support/rounds.js';
import { TestTerminal, ctrl, KEYS } from '../support/terminal.js';
import { allowOpenFiles } from '../support/temporary.js';

const NOW = Date.parse('2026-11-23T07:00:00.000Z');
const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const SIZE = { columns: 60, rows: 12 };

/** A chain of entries: `turns` prompts with a tool call and an answer each. */
function transcript(turns: number, from = 1, parentUuid: string | null = null): { text: string; last: string } {
  let last = parentUuid;
  let text = '';
  const add = (entry: string): void => {
    const parsed = { ...(JSON.parse(entry) as { uuid: string }), parentUuid: last };
    last = parsed.uuid;
    text += line(parsed);
  };
  for (let turn = from; turn < from + turns; turn++) {
    add(promptLine(`ask ${turn}`));
    const call = { type: 'tool_use', id: `t${turn}`, name: 'Bash', input: { command: `run ${turn}` } };
    add(
      answerLine(`m${turn}`, '', {
        message: { id: `m${turn}`, role: 'assistant', model: 'claude-a', content: [call] },
      }),
    );
    const result = { type: 'tool_result', tool_use_id: `t${turn}`, content: `out ${turn}\nsecond\nthird` };
    add(promptLine('', { message: { role: 'user', content: [result] } }));
    add(answerLine(`n${turn}`, `reply **${turn}**`));
  }
  return { text, last: last ?? '' };
}

interface Opened {
  terminal: TestTerminal;
  path: string;
  last: string;
  result: Promise<Outcome>;
}

// Most tests do not leave the screen.
allowOpenFiles();

async function opened(turns: number, args: string[] = [], size = SIZE): Promise<Opened> {
  const { text, last } = transcript(turns);
  const home = temporaryHome({ [`projects/-home-dev-app/${ID}.jsonl`]: text });
  const terminal = new TestTerminal(size);
  const argv = ['show', 'aaaaaaaa', ...args, '--config-dir', home.path];
  const result = run(argv, { now: NOW, terminal: size.columns, screen: terminal });
  const path = join(home.path, `projects/-home-dev-app/${ID}.jsonl`);
  const state = { isDone: false };
  const end = (): void => void (state.isDone = true);
  void result.then(end, end);
  while (!terminal.isTakenOver && !state.isDone) await terminal.settle();
  return { terminal, path, last, result };
}

async function left({ terminal, result }: Opened): Promise<Outcome> {
  await terminal.type('q');
  const outcome = await result;
  await terminal.settle();
  expectRestored(terminal);
  return outcome;
}

/** Waits until a search has ended. */
async function found(terminal: TestTerminal): Promise<void> {
  do await terminal.settle();
  while (/Searching…|Reading the whole/.test(terminal.picture));
}

/** The current match of a search, in its pieces: the inverted texts above the last row. */
function marked(terminal: TestTerminal): string[] {
  const texts = terminal.textsWith('inverse').filter(({ row }) => row < terminal.rows.length - 1);
  return texts.map(({ text }) => text);
}

/** The rows with the current match of a search. */
function currentRows(terminal: TestTerminal): string[] {
  const rows = new Set(terminal.textsWith('inverse').map(({ row }) => row));
  return terminal.rows.slice(0, -1).filter((_, row) => rows.has(row));
}

function expectRestored(terminal: TestTerminal): void {
  expect([terminal.isTakenOver, terminal.isListening, terminal.picture]).toEqual([false, false, 'before\n$']);
  expect(terminal.modes).toEqual({ bracketedPaste: false, wraparound: true });
}

describe('the viewer', () => {
  test('opens at the end of a page that is longer than the screen, and leaves nothing behind', async () => {
    const viewer = await opened(5);
    expect(viewer.terminal.rows).toEqual([
      '',
      '    claude  10:00 · a',
      '    ▸ Bash run 4 · exit 0 · 3 lines',
      '    reply 4',
      '',
      ' 5  you     Fri 20 Nov 10:00',
      '  ▌ ask 5',
      '',
      '    claude  10:00 · a',
      '    ▸ Bash run 5 · exit 0 · 3 lines',
      '    reply 5',
      ' ask 1 · prompt 5 of 5 · end   / search · ? keys · q quit',
    ]);
    expect(await left(viewer)).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  });

  test('is not opened for a page that fits, in a pipe, without a pager, or with CCSESS_PAGER', async () => {
    const short = await opened(1, [], { columns: 120, rows: 60 });
    expect((await short.result).stdout).toContain('reply 1\n');
    const printed = await opened(9, ['--no-pager']);
    expect((await printed.result).stdout).toContain('reply 9\n');
    const { path } = await opened(0);
    writeFileSync(path, transcript(9).text);
    const folder = path.replace(/\/projects\/.*/, '');
    const screen = new TestTerminal(SIZE);
    const argv = ['show', 'aaaaaaaa', '--config-dir', folder];
    const paged = await run(argv, { now: NOW, terminal: 60, screen, env: { CCSESS_PAGER: 'more' } });
    expect(paged.stdout).toContain('reply 9\n');
    expect((await run(argv, { now: NOW, screen })).stdout).toContain('reply **9**\n');
    expect(screen.written).toBe('');
  });

  test('scrolls by lines, pages, halves and prompts, and stops at both ends', async () => {
    const viewer = await opened(30);
    const { terminal } = viewer;
    await terminal.type('[');
    expect(terminal.rows[1]).toBe('29  you     Fri 20 Nov 10:00');
    await terminal.type('[');
    expect(terminal.rows[1]).toBe('28  you     Fri 20 Nov 10:00');
    expect(terminal.rows.at(-1)).toContain('prompt 28 of 30');
    await terminal.type(']');
    expect(terminal.rows[1]).toBe('29  you     Fri 20 Nov 10:00');
    await terminal.type('k');
    expect(terminal.rows[2]).toBe('29  you     Fri 20 Nov 10:00');
    await terminal.type(KEYS.down, KEYS.down);
    expect(terminal.rows[0]).toBe('29  you     Fri 20 Nov 10:00');
    await terminal.type('g');
    expect(terminal.rows[0]?.trimEnd()).toBe('“ask 1”');
    await terminal.type('[');
    expect(terminal.rows.at(-1)).toContain('No earlier prompt.');
    await terminal.type(KEYS.up, 'b', KEYS.home);
    expect(terminal.rows[0]?.trimEnd()).toBe('“ask 1”');
    await terminal.type('G', ' ', KEYS.pageDown, 'd');
    expect(terminal.rows.slice(-2)).toEqual(['    reply 30', expect.stringContaining('prompt 30 of 30 · end')]);
    await terminal.type(']');
    expect(terminal.rows.at(-1)).toContain('No later prompt.');
    await left(viewer);
  });

  test('keeps the part at the top when tools are unfolded and folded', async () => {
    const viewer = await opened(30);
    const { terminal } = viewer;
    await terminal.type('[', '[', '[', KEYS.down, KEYS.down, KEYS.down, KEYS.down, KEYS.down);
    const top = '    ▸ Bash run 27 · exit 0 · 3 lines';
    expect(terminal.rows[0]).toBe(top);
    await terminal.type('t');
    expect(terminal.rows.slice(0, 4)).toEqual([top, '      │ out 27', '      │ second', '      │ third']);
    expect(terminal.rows.at(-1)).toContain('Tools: short');
    await terminal.type('t');
    expect(terminal.rows.slice(0, 3)).toEqual([top, '        command: run 27', '      │ out 27']);
    await terminal.type(KEYS.down, KEYS.down, 't');
    expect(terminal.rows.slice(0, 2)).toEqual([top, '    reply 27']);
    await left(viewer);
  });

  test('keeps the part at the top when the window is resized, at any size', async () => {
    const viewer = await opened(30);
    const { terminal } = viewer;
    await terminal.type('[', '[', '[');
    for (const size of [
      { columns: 10, rows: 3 },
      { columns: 500, rows: 6 },
      { columns: 1, rows: 1 },
      { columns: 40, rows: 10 },
    ]) {
      await terminal.resize(size);
      expect(terminal.rows).toHaveLength(size.rows);
    }
    expect(terminal.rows[1]).toBe('27  you     Fri 20 Nov 10:00');
    await left(viewer);
  });

  test('finds text in both directions, and shows which match it is at', async () => {
    const viewer = await opened(30);
    const { terminal } = viewer;
    await terminal.type('g', '/');
    await terminal.type('REPLY 1x', KEYS.backspace, KEYS.enter);
    await found(terminal);
    expect(terminal.rows.at(-1)).toContain('Not found: REPLY 1');
    await terminal.type('/', 'reply 1', KEYS.enter);
    await found(terminal);
    expect([marked(terminal), terminal.textsWith('underline')]).toEqual([['reply 1'], []]);
    for (const key of ['n', 'n']) {
      await terminal.type(key);
      await found(terminal);
    }
    expect(currentRows(terminal)).toEqual(['    reply 11']);
    expect(terminal.textsWith('underline').map(({ text }) => text)).toEqual(['reply 1']);
    for (const key of ['N', 'N']) {
      await terminal.type(key);
      await found(terminal);
    }
    expect(terminal.picture).toMatch(/^ {4}reply 1$/m);
    await terminal.type('N');
    await found(terminal);
    expect(terminal.rows.at(-1)).toContain('Not found above: reply 1');
    await terminal.type(KEYS.esc, '/', 'x', KEYS.esc, 'n');
    expect(terminal.rows.at(-1)).toContain('Nothing to search for');
    await left(viewer);
  });

  test('finds each match on the last page, and goes up if there is none below', async () => {
    const viewer = await opened(30);
    const { terminal } = viewer;
    await terminal.type('/', '30', KEYS.enter);
    await found(terminal);
    const rows = currentRows(terminal);
    for (let step = 0; step < 2; step++) {
      await terminal.type('n');
      await found(terminal);
      rows.push(...currentRows(terminal));
    }
    expect(rows).toEqual(['30  you     Fri 20 Nov 10:00', '  ▌ ask 30', '    ▸ Bash run 30 · exit 0 · 3 lines']);
    await terminal.type('n');
    await found(terminal);
    expect(currentRows(terminal)).toEqual(['    reply 30']);
    await terminal.type('n');
    await found(terminal);
    expect(terminal.rows.at(-1)).toContain('Not found below: 30');
    await terminal.type('/', 'ask 28', KEYS.enter);
    await found(terminal);
    await terminal.type('/', 'ask 29', KEYS.enter);
    await found(terminal);
    // The prompt is that of the match, not of the top line, until the window is scrolled.
    expect(terminal.rows.at(-1)).toContain('prompt 29 of 30');
    await terminal.type('f');
    expect(terminal.rows.at(-1)).toBe('Fork up to prompt 29 and its answer? y/n');
    await terminal.type('n');
    await terminal.type('k');
    expect(terminal.rows.at(-1)).toContain('prompt 27 of 30');
    await terminal.type('/', 'ask 7', KEYS.enter);
    await found(terminal);
    expect(terminal.picture).toContain('  ▌ ask 7');
    expect(currentRows(terminal)).toEqual(['  ▌ ask 7']);
    await left(viewer);
  });

  test.each([4, 6, 9, 16])('shows each match near the end from far above on a screen of %i rows', async (rows) => {
    const viewer = await opened(30, [], { columns: 60, rows });
    const { terminal } = viewer;
    for (const query of ['reply 30', 'Bash run 30', 'ask 30', 'reply 29', 'ask 29', 'ask 1']) {
      await terminal.type('g', '/', query, KEYS.enter);
      await found(terminal);
      expect(currentRows(terminal).join('')).toContain(query);
    }
    await left(viewer);
  });

  test('marks a match that continues on the next line, and keeps it current when the window is resized', async () => {
    const viewer = await opened(0);
    writeFileSync(
      viewer.path,
      promptLine(`${'word '.repeat(20)}needle in the ${'hay '.repeat(40)}`) + transcript(9).text,
    );
    const folder = viewer.path.replace(/\/projects\/.*/, '');
    const terminal = new TestTerminal({ columns: 60, rows: 12 });
    const argv = ['show', 'aaaaaaaa', '--messages', 'all', '--config-dir', folder];
    const result = run(argv, { now: NOW, terminal: 60, screen: terminal });
    while (!terminal.isTakenOver) await terminal.settle();
    await terminal.type('/', 'word needle in the hay', KEYS.enter);
    await found(terminal);
    expect(marked(terminal).join(' ')).toBe('word needle in the hay');
    await terminal.resize({ columns: 33, rows: 12 });
    expect(marked(terminal).join(' ')).toBe('word needle in the hay');
    await terminal.type('n');
    await found(terminal);
    expect(terminal.rows.at(-1)).toContain('Not found below');
    await terminal.type('q');
    await result;
  });

  test('copies the message, the id and the path', async () => {
    const viewer = await opened(30);
    const { terminal, path } = viewer;
    const copied = (): string =>
      // oxlint-disable-next-line no-control-regex
      [...terminal.written.matchAll(/\u001b\]52;c;([^\u0007]*)\u0007/g)]
        .map((match) => Buffer.from(match[1] ?? '', 'base64').toString())
        .at(-1) ?? '';
    await terminal.type('[', 'y');
    expect(copied()).toBe('ask 29');
    await terminal.type(...Array<string>(6).fill('j'), 'y');
    expect(copied()).toBe('reply **29**');
    await terminal.type('I');
    expect(copied()).toBe(ID);
    await terminal.type('Y');
    expect(copied()).toBe(path);
    await left(viewer);
  });

  test('forks at the prompt in view after a yes, and not after anything else', async () => {
    const viewer = await opened(30);
    const { terminal, result } = viewer;
    await terminal.type('[', 'f');
    expect(terminal.rows.at(-1)).toBe('Fork up to prompt 29 and its answer? y/n');
    await terminal.type('n');
    expect(terminal.rows.at(-1)).toContain('Not forked.');
    await terminal.type('f', 'y');
    const { stdout, exitCode } = await result;
    expect([exitCode, terminal.isTakenOver]).toEqual([0, false]);
    expect(stdout).toMatch(/^Forked "ask 1" at prompt 29 as /);
  });

  test('begins at the prompt of --at, and names the prompts there are if it does not exist', async () => {
    const viewer = await opened(30, ['--at', '12']);
    expect(viewer.terminal.rows.slice(1, 3)).toEqual(['12  you     Fri 20 Nov 10:00', '  ▌ ask 12']);
    await left(viewer);
    const wrong = await opened(30, ['--at', '31']);
    expect(await wrong.result).toEqual({
      stdout: '',
      stderr: 'ccsess: the active branch of the session has no prompt 31.\n  its prompts are numbered 1 to 30\n',
      exitCode: 4,
    });
  });

  test('shows appended messages, and survives other changes of the file', async () => {
    const viewer = await opened(30);
    const { terminal, path } = viewer;
    const more = transcript(1, 31, viewer.last);
    appendFileSync(path, more.text);
    await terminal.type('G');
    expect(terminal.rows.slice(-2)).toEqual(['    reply 31', expect.stringContaining('prompt 31 of 31')]);
    await terminal.type('[', '[');
    const top = terminal.rows[1];
    renameSync(path, `${path}.away`);
    await terminal.type('G', 'g', 'G', '[', '[');
    expect(terminal.rows[1]).toBe(top);
    await terminal.type('G');
    expect(terminal.rows.at(-1)).toContain('The transcript was removed');
    writeFileSync(path, transcript(12).text);
    await terminal.type('G');
    expect(terminal.rows.slice(-2)).toEqual(['    reply 12', expect.stringContaining('was replaced and read again')]);
    truncateSync(path, readFileSync(path, 'utf8').indexOf('ask 9'));
    await terminal.type('G');
    expect(terminal.rows.at(-2)).toBe('    reply 8');
    rmSync(path);
    await terminal.type('g', 'G', '[', ']', 't', 't', 'T');
    await left(viewer);
  });

  test('follows the file while following is switched on with F', async () => {
    const viewer = await opened(30);
    const { terminal, path } = viewer;
    await terminal.type('F');
    expect(terminal.rows.at(-1)).toContain('following');
    appendFileSync(path, transcript(1, 31, viewer.last).text);
    while (!terminal.picture.includes('reply 31')) await new Promise((resolve) => void setTimeout(resolve, 20));
    await terminal.type('F');
    expect(terminal.rows.at(-1)).toContain('Stopped following.');
    await left(viewer);
  });

  test('lists its keys, and closes the list with any other', async () => {
    const viewer = await opened(30);
    await viewer.terminal.type('?');
    expect(viewer.terminal.rows).toEqual([
      '  j k ↓ ↑   one line down, up',
      '  space b   one page (also PgDn, PgUp)',
      '  d u       half a page',
      '  [ ]       previous, next prompt',
      '  g G       start, end (also Home, End)',
      '  /         search',
      '  n N       next, previous match',
      '  t         tools: folded, short, full',
      '  T         thinking: shown or hidden',
      '  F         follow: show new messages',
      '  … 4 more',
      ' keys   ↓ ↑ scroll · any other key closes',
    ]);
    await viewer.terminal.type(KEYS.down, KEYS.down, KEYS.down);
    expect(viewer.terminal.rows.slice(0, 2)).toEqual([
      '  [ ]       previous, next prompt',
      '  g G       start, end (also Home, End)',
    ]);
    expect(viewer.terminal.rows[10]).toBe('  q Esc     quit');
    await viewer.terminal.type('x');
    expect(viewer.terminal.rows[11]).toContain('prompt 30 of 30');
    await left(viewer);
  });

  test('says on a narrow screen too that the list of keys scrolls', async () => {
    const viewer = await opened(30, [], { columns: 40, rows: 10 });
    await viewer.terminal.type('?');
    expect(viewer.terminal.rows.at(-1)).toBe(' keys   ↓ ↑ scroll · esc closes');
    await viewer.terminal.type(KEYS.esc);
    expect(viewer.terminal.rows.at(-1)).toContain('prompt 30 of 30');
    await left(viewer);
  });

  test.each([
    ['Ctrl-C', 130, (terminal: TestTerminal) => terminal.type(ctrl('c'))],
    ['the end of the terminal', 0, (terminal: TestTerminal) => Promise.resolve(terminal.emit('end'))],
    ['Esc', 0, (terminal: TestTerminal) => terminal.type(KEYS.esc)],
  ])('is closed by %s', async (_, exitCode, leave) => {
    const { terminal, result } = await opened(30);
    await leave(terminal);
    expect((await result).exitCode).toBe(exitCode);
    await terminal.settle();
    expectRestored(terminal);
  });

  test('shows nothing that could control the terminal', async () => {
    const viewer = await opened(0);
    const hostile = `\u001b]52;c;eA==\u0007${'a\u001b[2J\u202eb \u009b5n '.repeat(40)}`;
    writeFileSync(viewer.path, promptLine(hostile, { parentUuid: null }) + transcript(9).text);
    const folder = viewer.path.replace(/\/projects\/.*/, '');
    const terminal = new TestTerminal(SIZE);
    const argv = ['show', 'aaaaaaaa', '--messages', 'all', '--config-dir', folder];
    const result = run(argv, { now: NOW, terminal: 60, screen: terminal });
    while (!terminal.isTakenOver) await terminal.settle();
    await terminal.type('g', '  ');
    // oxlint-disable-next-line no-control-regex
    expect(terminal.written).not.toMatch(/\u001b\]52|\u202e|\u009b/);
    expect(terminal.picture).toContain('ab  ab  ab');
    await terminal.type('q');
    await result;
  });

  test('is restored after any keys while the file changes underneath', async () => {
    const keys = [
      '[',
      ']',
      't',
      'T',
      'g',
      'G',
      ' ',
      'b',
      'j',
      'k',
      'n',
      'N',
      'y',
      'I',
      'F',
      '?',
      KEYS.up,
      `${KEYS.esc}?`,
    ];
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...keys) },
      { weight: 1, arbitrary: fc.constant(`/reply${KEYS.enter}`) },
      { weight: 1, arbitrary: fc.constantFrom('append', 'truncate', 'remove', 'resize') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const viewer = await opened(12);
        const { terminal, path } = viewer;
        for (const action of steps) {
          if (action === 'append') appendFileSync(path, transcript(1, 13, viewer.last).text);
          else if (action === 'truncate') writeFileSync(path, transcript(3).text);
          else if (action === 'remove') rmSync(path, { force: true });
          else if (action === 'resize') await terminal.resize({ columns: 30 + terminal.stops, rows: 6 });
          else await terminal.type(action);
          if (!terminal.isTakenOver) break;
        }
        if (terminal.isTakenOver) await terminal.type(ctrl('c'));
        await viewer.result;
        await terminal.settle();
        expect([terminal.isTakenOver, terminal.isListening]).toEqual([false, false]);
      }),
      { numRuns: rounds(25) },
    );
  });
});
