import { describe, expect, test } from 'vitest';
import { widthOf } from '../../../src/tui/text.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { answerLine, line, promptLine, temporaryHome } from '../../support/transcripts.js';
import { validator } from '../../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-23T07:00:00.000Z');
const FIRST = 'aaaaaaaa-0000-4000-8000-00000000000a';
const SECOND = 'bbbbbbbb-0000-4000-8000-00000000000b';

const call = (id: string, name: string, input: object): string =>
  line({
    ...(JSON.parse(answerLine(id, '')) as object),
    uuid: `uuid-${id}`,
    message: {
      id,
      role: 'assistant',
      model: 'claude-a',
      content: [
        { type: 'thinking', thinking: 'I think of a kumquat' },
        { type: 'tool_use', id: `toolu_${id}`, name, input },
      ],
    },
  });
const result = (id: string, content: unknown, members: object = {}): string =>
  promptLine('', {
    parentUuid: `uuid-${id}`,
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${id}`, content }] },
    ...members,
  });

/** Two sessions; the second is the newer one. */
const HOME = temporaryHome({
  [`projects/-home-dev-app/${FIRST}.jsonl`]: [
    promptLine('The journal is written before the rename'),
    answerLine('r1', 'Yes: a “rename” needs a journal line,\nflushed'),
    promptLine('And the quince?'),
    call('r2', 'Edit', { file_path: '/src/journal.ts', old: 'rename(a, b)' }),
    result('r2', 'journal renamed \u001b[31mred\u001b[0m'),
    line({ type: 'custom-title', customTitle: 'Prune race', sessionId: FIRST }),
  ].join(''),
  [`projects/-home-dev-app/${SECOND}.jsonl`]: [
    promptLine('A rename, later a journal', { uuid: 'uuid-r9', timestamp: '2026-11-22T10:00:00.000Z' }),
    result('r9', '<persisted-output> pre', {
      toolUseResult: { persistedOutputPath: `/x/${SECOND}/tool-results/big.txt`, persistedOutputSize: 99 },
    }),
  ].join(''),
  [`projects/-home-dev-app/${SECOND}/tool-results/big.txt`]: 'far behind: a mangosteen',
});

function search(args: string[], world: World = {}): Promise<Outcome> {
  return run(['search', ...args], { now: NOW, ...world, env: { CLAUDE_CONFIG_DIR: HOME.path, ...world.env } });
}
async function matches(args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout, stderr, exitCode } = await search([...args, '--json']);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const printed = JSON.parse(stdout) as { matches: Record<string, unknown>[] };
  expect(validator('search')(printed)).toBe('');
  return printed.matches;
}

describe('on a terminal, search', () => {
  test('groups matches by session, newest first, with the numbers of prompts', async () => {
    expect(await search(['journal', 'rename'], { terminal: 100 })).toEqual({
      stdout: [
        '  bbbbbbbb  21h   /home/dev/app  “A rename, later a journal”                                 1 match',
        '     1  you     Sun 22 Nov 10:00  A «rename», later a «journal»',
        '  aaaaaaaa  2d    /home/dev/app  Prune race                                                4 matches',
        '     1  you     Fri 20 Nov 10:00  The «journal» is written before the «rename»',
        '     1  claude  10:00             Yes: a “«rename»” needs a «journal» line, flushed',
        '     2  tool    10:00             Edit /src/«journal».ts «rename»(a, b)',
        '        and 1 more in tool results: --in result',
        '',
        '5 matches in 2 of 2 sessions · resume: ccsess resume bbbbbbbb · read on: ccsess show bbbbbbbb --at 1',
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 0,
    });
  });

  test('prints the messages around a match, each once', async () => {
    const { stdout } = await search(['kumquat', '-C', '2'], { terminal: 80 });
    expect(stdout.split('\n').slice(1, 4)).toEqual([
      '     1  claude  Fri 20 Nov 10:00  Yes: a “rename” needs a journal line, flushed',
      '     2  you     10:00             And the quince?',
      '     2  think   10:00             I think of a «kumquat»',
    ]);
    const all = await search(['journal', '-C', '9', '-p', '/home/dev/app', '--since', '2026-11-19'], { terminal: 80 });
    expect(all.stdout.match(/And the quince\?/g)).toHaveLength(1);
    expect(all.stdout.match(/written before/g)).toHaveLength(1);
  });

  test('prints the selected parts, without control sequences of the text', async () => {
    const { stdout } = await search(['31', 'red', '--in', 'result'], { terminal: 100 });
    expect(stdout).toContain('     2  result  Fri 20 Nov 10:00  Edit  journal renamed [«31»m«red»\n');
    const colored = await search(['31', '--in', 'result'], { terminal: 100, color: 1 });
    expect(colored.stdout.replaceAll(/\u001b\[[\d;]*m/g, '')).toContain('renamed [31mred\n');
  });

  test('suggests where else to search if nothing is found', async () => {
    expect(await search(['durian'], { terminal: 100 })).toEqual({
      stdout: '',
      stderr:
        'Nothing found for durian (searched 2 of 2 sessions).\n' +
        'Look elsewhere with --subagents, --all-branches, --in all.\n',
      exitCode: 0,
    });
  });
});

describe('as data, search', () => {
  test('prints every match with its position', async () => {
    const [first, ...others] = await matches(['kumquat']);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      sessionId: FIRST,
      title: 'Prune race',
      cwd: '/home/dev/app',
      prompt: 2,
      role: 'assistant',
      kind: 'thinking',
      tool: null,
      snippet: 'I think of a kumquat',
      ranges: [[13, 20]],
    });
  });

  test('takes words after --, which may begin with a dash', async () => {
    const { path } = temporaryHome({
      [`projects/-home-dev-app/${FIRST}.jsonl`]: promptLine('commit it with --no-verify'),
      [`projects/-home-dev-app/${SECOND}.jsonl`]: promptLine('verify it'),
    });
    for (const words of [
      ['--', '--no-verify'],
      ['commit', '--', '--no-verify'],
    ])
      expect(await run(['search', '-l', '--config-dir', path, ...words], { now: NOW })).toEqual({
        exitCode: 0,
        stdout: `${FIRST}\n`,
        stderr: '',
      });
    const absent = await run(['search', '-l', '--config-dir', path, 'verify', '--', '--absent'], { now: NOW });
    expect([absent.exitCode, absent.stdout]).toEqual([0, '']);
  });

  test('prints the messages around a match if requested', async () => {
    const [found] = await matches(['kumquat', '--context', '1']);
    expect(found).toMatchObject({
      before: [{ kind: 'prompt', prompt: 2, role: 'user', tool: null, snippet: 'And the quince?' }],
      after: [],
    });
    const [first] = await matches(['written', '-C', '5']);
    expect(first).toMatchObject({
      before: [],
      after: [
        { kind: 'answer', prompt: 1 },
        { kind: 'prompt', prompt: 2 },
        { kind: 'tool', prompt: 2, tool: 'Edit' },
      ],
    });
    const [plain] = await matches(['kumquat']);
    expect(plain).toMatchObject({ before: null, after: null });
  });

  test('counts results, and prints them if requested, including those in files of their own', async () => {
    expect(await matches(['mangosteen'])).toEqual([]);
    const [found] = await matches(['mangosteen', '--in', 'result']);
    expect(found).toMatchObject({ sessionId: SECOND, prompt: 1, kind: 'result', snippet: 'far behind: a mangosteen' });
    const { stdout } = await search(['mangosteen', '--jsonl']);
    expect(stdout).toBe('{"omitted":1}\n');
  });

  test('finds titles, folders and branches', async () => {
    expect(await matches(['prune', 'app'])).toMatchObject([{ kind: 'title', prompt: null, role: null, score: 0.6667 }]);
  });

  test('prints lines of a pipe, ids and counts', async () => {
    const line = `${FIRST}\t2\tuser\t2026-11-20T10:00:00.000Z\t/home/dev/app\tAnd the quince?\n`;
    expect(await search(['quince'])).toEqual({ stdout: line, stderr: '', exitCode: 0 });
    expect((await search(['rename', 'journal', '-l'])).stdout).toBe(`${SECOND}\n${FIRST}\n`);
    expect((await search(['rename', 'journal', '-c'])).stdout).toBe(`${SECOND}\t1\n${FIRST}\t3\n`);
    expect((await search(['rename', '-l', '-L', '1'])).stdout).toBe(`${SECOND}\n`);
    expect((await search(['rename', '-l', '--sort', 'relevance'])).stdout).toBe(`${FIRST}\n${SECOND}\n`);
  });

  test('counts the matches printed in a pipe, and reports matches that are only in results', async () => {
    const nothing = {
      stdout: '',
      stderr:
        'Nothing found for mangosteen (searched 2 of 2 sessions).\n' +
        'Look elsewhere with --in result, --subagents, --all-branches, --in all.\n',
      exitCode: 0,
    };
    expect(await search(['mangosteen', '-c'])).toEqual(nothing);
    expect(await search(['mangosteen'])).toEqual(nothing);
    expect((await search(['mangosteen', '-c', '--in', 'result'])).stdout).toBe(`${SECOND}\t1\n`);
    expect((await search(['mangosteen', '-l'])).stdout).toBe(`${SECOND}\n`);
    expect((await search(['mangosteen', '-q'])).exitCode).toBe(0);
    for (const query of ['journal', 'rename', 'quince', 'dev']) {
      const lines = (await search([query])).stdout.trimEnd().split('\n');
      const counts = (await search([query, '-c'])).stdout.trimEnd().split('\n');
      expect(counts).toEqual(
        [...new Set(lines.map((one) => one.slice(0, FIRST.length)))].map(
          (id) => `${id}\t${lines.filter((one) => one.startsWith(id)).length}`,
        ),
      );
    }
  });

  test('ends with a complete match at --max-bytes', async () => {
    const whole = (await search(['rename', '--json'])).stdout;
    const { stdout } = await search(['rename', '--json', '--max-bytes', '1K']);
    const { matches: printed, omitted } = JSON.parse(stdout) as { matches: unknown[]; omitted: number };
    const all = JSON.parse(whole) as { matches: unknown[]; omitted: number };
    expect(printed).toEqual(all.matches.slice(0, printed.length));
    expect(printed.length).toBeGreaterThan(0);
    expect(omitted).toBe(all.omitted + all.matches.length - printed.length);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(1024);
    expect((await search(['rename', '--jsonl', '--max-bytes', '1B'])).stdout).toBe(`{"omitted":5}\n`);
  });

  test('leaves out the current session, and secrets', async () => {
    const env = { CLAUDE_CODE_SESSION_ID: SECOND };
    expect((await search(['rename', '-l', '--not-current'], { env })).stdout).toBe(`${FIRST}\n`);
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const home = temporaryHome({ [`projects/-p/${FIRST}.jsonl`]: promptLine(`use ${secret} as the token`) });
    const at = ['--json', '--config-dir', home.path];
    expect((await run(['search', 'token', ...at], { now: NOW })).stdout).toContain(secret);
    const { stdout } = await run(['search', 'token', '--redact', ...at], { now: NOW });
    expect(stdout).not.toContain('a1B2');
    expect(stdout).toContain('[redacted: ');
    expect((await run(['search', 'a1B2', '--redact', ...at], { now: NOW })).stdout).toContain('"matches":[]');
  });

  test('offers the nearest spelling', async () => {
    expect((await search(['jurnal', 'rename'])).stderr).toContain('Did you mean journal rename?\n');
    expect((await search(['zzzzzzzz'])).stderr).not.toContain('Did you mean');
  });

  test('answers by its exit code with --quiet', async () => {
    expect(await search(['quince', '-q'])).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(await search(['durian', '-q'])).toEqual({ stdout: '', stderr: '', exitCode: 1 });
  });

  test('limits matches by time', async () => {
    expect(await matches(['rename', '--since', '2026-11-21'])).toMatchObject([{ sessionId: SECOND }]);
    expect((await matches(['rename', '--until', '2026-11-21'])).map(({ sessionId }) => sessionId)).toEqual([
      FIRST,
      FIRST,
      FIRST,
    ]);
  });

  test.each([
    [
      ['x', '--in', 'answers'],
      'ccsess: --in answers: not one of title, prompt, answer, thinking, tool, result, meta (did you mean answer?).\n',
    ],
    [['x', '-C', '1'], 'ccsess: --context needs a terminal, --json or --jsonl.\n'],
    [['x', '-l', '-C', '1'], 'ccsess: --context needs a terminal, --json or --jsonl.\n'],
    [['x', '-l', '-c'], 'ccsess: -l and -c cannot be combined.\n'],
    [['"x'], 'ccsess: the quote at character 1 of the query is not closed: "x\n'],
    [['x', '-i', '-s'], 'ccsess: --ignore-case and --case-sensitive cannot be combined.\n'],
  ])('refuses %j', async (args, stderr) => {
    expect(await search(args)).toEqual({ stdout: '', stderr, exitCode: 2 });
  });
});

describe('a match among wide and right-to-left text', () => {
  const wide = '全角の文を検索して直す';
  const { path } = temporaryHome({
    [`projects/-home-dev-app/${FIRST}.jsonl`]: [
      line({ type: 'custom-title', customTitle: 'תיקון ביומן', sessionId: FIRST }),
      promptLine(`${wide.repeat(9)} journal ${wide.repeat(9)}`),
      promptLine('אנא תקן את journal בקובץ היומן לפני שמשנים את השם, ואז הרץ את הבדיקות'),
    ].join(''),
  });

  test.each([60, 100, 160])('stays within %i columns, and shows it', async (terminal) => {
    const { stdout } = await run(['search', 'journal', '--config-dir', path], { now: NOW, terminal });
    const lines = stdout.split('\n');
    expect(lines.map((text) => widthOf(text)).filter((width) => width > terminal)).toEqual([]);
    expect(lines.filter((text) => text.includes('«journal»'))).toHaveLength(2);
    expect(lines[0]).toMatch(/תיקון ביומן\u200e +2 matches$/);
    expect(widthOf(lines[0] ?? '')).toBe(terminal);
  });
});

describe('a text that is put together', () => {
  const home = temporaryHome({
    [`projects/-home-dev-app/${FIRST}.jsonl`]: [
      promptLine(
        '<command-name>/init</command-name>\n<command-message>init</command-message>\n' +
          '<command-args>now please</command-args>',
        { turnOrigin: 'human' },
      ),
      promptLine('<bash-input>ls quux</bash-input>'),
      promptLine('<bash-input>  fix bugs</bash-input>'),
      promptLine(
        '<command-name>/flub  </command-name>\n<command-message>flub</command-message>\n' +
          '<command-args>   then fox</command-args>',
        { turnOrigin: 'human' },
      ),
      promptLine('look here <pasted_content id="1">\nplum jam\n</pasted_content> and there'),
    ].join(''),
  });
  const cacheDir = temporaryFolder('cache');

  const spaced = ['"! fix"', '/! FIX/i', '"flub then"', '/flub then fox/'];
  test.each([...spaced, '"init now"', '/INIT NOW/i', '"! ls"', '"! ls quux"', '"here plum jam"', '"jam and there"'])(
    'is found by %s, at first and with filters',
    async (query) => {
      for (let time = 0; time < 2; time += 1) {
        const args = ['search', query, '-c', '--in', 'prompt', '--all-branches', '--config-dir', home.path];
        expect((await run(args, { now: NOW, cacheDir })).stdout).toBe(`${FIRST}\t1\n`);
      }
    },
  );
});
