import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { run, type Outcome, type World } from '../support/context.js';
import { fixtureHome } from '../support/fixtures.js';

const NOW = Date.parse('2026-11-23T07:00:00.000Z');
const TOOLS = '00000002-0000-4000-8000-000000000001';
const AGENTS = '00000003-0000-4000-8000-000000000001';

function show(configDir: string, args: string[], world: World = {}): Promise<Outcome> {
  return run(['show', ...args, '--config-dir', configDir], { now: NOW, ...world });
}
/** The page below its header. */
async function conversation(configDir: string, args: string[], world: World = {}): Promise<string[]> {
  const { stdout, stderr } = await show(configDir, args, world);
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  return lines.slice(lines.findIndex((text) => text.startsWith('  file ')) + 1);
}

describe('the page', () => {
  test('has the colours of the list: the title is bright, the folder blue or dim, the branch cyan', async () => {
    const { stdout } = await show(fixtureHome('recorded/ui2'), ['0000000d'], { terminal: 120, color: 1 });
    const [title = '', , , folder = ''] = stdout.split('\n');
    expect(title.startsWith('\u001b[1m')).toBe(true);
    expect(folder).toContain('\u001b[2m/home/dev/lab/work/ui2 (gone)\u001b[22m   ');
    expect(folder).toContain('\u001b[36mHEAD\u001b[39m');
  });

  test('begins with a header; in a pipe nothing is cut', async () => {
    const home = fixtureHome('recorded/ui2');
    const { stdout } = await show(home, ['0000000d']);
    const prompt = 'turn number 1 RUN_WRITE{/home/dev/lab/work/ui2/f.txt|v1} THEN SAY{reply-1}';
    expect(stdout.split('\n').slice(0, 14)).toEqual([
      `“${prompt}”`,
      '',
      '  id        0000000d-0000-4000-8000-000000000001',
      '  folder    /home/dev/lab/work/ui2 (gone)                     branch  HEAD',
      '  activity  Mon 23 Nov 2026 05:37 +00:00 (1h ago)             created Mon 23 Nov 2026 05:36',
      '  models    claude-opus-5-5                                   version 2.1.330',
      '  counts    4 prompts · 7 turns · 14 messages · 3 tool calls',
      '  tools     Write 3',
      '  tokens    98 in · 238 out · 28k cache read · 700 cache write',
      '  cost      $0.02 at API list prices',
      '  reported  $0.02 by Claude Code, the same',
      `  lineage   forked into 4dca0935 ${prompt} (Branch)`,
      '  size      28 KiB: transcript 28 KiB, files 4 B',
      "  kept      until Wed 23 Dec 2026 (Claude Code's cleanup; ccsess pin keeps it)",
    ]);
  });

  test('follows the active branch and leaves out rewound messages', async () => {
    expect(await conversation(fixtureHome('recorded/ui2'), ['0000000d'])).toEqual([
      '',
      ' 1  you     Mon 23 Nov 05:36',
      '    turn number 1 RUN_WRITE{/home/dev/lab/work/ui2/f.txt|v1} THEN SAY{reply-1}',
      '',
      '    claude  05:36 · opus-5-5',
      '    ▸ Write f.txt · 1 line',
      '    reply-1',
      '',
      ' 2  you     Mon 23 Nov 05:36',
      '    turn number 2 RUN_WRITE{/home/dev/lab/work/ui2/f.txt|v2} THEN SAY{reply-2}',
      '',
      '    claude  05:36 · opus-5-5',
      '    ▸ Write f.txt · +1 −1',
      '    reply-2',
      '',
      ' 3  you     Mon 23 Nov 05:37',
      '    turn 3b after rewind',
      '',
      '    claude  05:37 · opus-5-5',
      '    Mock reply 7 to: turn 3b after rewind',
    ]);
  });

  test('folds each tool call to a line', async () => {
    const lines = await conversation(fixtureHome('recorded/print'), [TOOLS]);
    expect(lines.filter((text) => text.includes('▸'))).toEqual([
      '    ▸ Bash echo one · exit 0 · 1 line',
      '    ▸ Bash echo two · exit 0 · 1 line',
      '    ▸ Bash false · exit 1',
      '    ▸ Write a.txt · 1 line',
      '    ▸ Read a.txt (1 line)',
      '    ▸ Edit a.txt · +1 −1',
    ]);
  });

  test('shows inputs and results in full with --tools', async () => {
    const lines = await conversation(fixtureHome('recorded/print'), [TOOLS, '--tools']);
    expect(lines.join('\n')).toContain(
      '    ▸ Bash echo two · exit 0 · 1 line\n        command: echo two\n        description: Run command\n' +
        '      │ two\n',
    );
  });

  test('shows thinking only with --thinking', async () => {
    const home = fixtureHome('recorded/print');
    expect((await conversation(home, [TOOLS])).join('\n')).not.toContain('thinking:');
    expect((await conversation(home, [TOOLS, '--thinking'])).join('\n')).toContain('    thinking: pondering deeply');
  });

  test('begins after a compaction with its summary and what was preserved', async () => {
    const text = (await conversation(fixtureHome('recorded/print'), ['00000001-0000-4000-8000-000000000001'])).join(
      '\n',
    );
    const order = [
      'compacted (manual, 4,148 tokens)',
      'summary of what came before:',
      'Mock reply 4 to: third turn',
      ' 1  you',
      'after compact',
      'Mock reply 48',
    ];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).sort((a, b) => a - b),
    );
    expect(text).not.toContain('plain first prompt');
  });

  test('holds everything in the file with --messages all', async () => {
    const text = (
      await conversation(fixtureHome('recorded/print'), ['00000001-0000-4000-8000-000000000001', '--messages', 'all'])
    ).join('\n');
    for (const part of [' 1  you', 'plain first prompt', 'compacted (manual', 'after compact'])
      expect(text).toContain(part);
  });

  test('with --tail has the last messages, with their numbers and what the session costs', async () => {
    const home = fixtureHome('recorded/ui2');
    expect((await show(home, ['0000000d', '--tail', '3'])).stdout).toContain('  cost      $0.02 at API list prices\n');
    expect(await conversation(home, ['0000000d', '--tail', '3'])).toEqual([
      '',
      ' 3  you     Mon 23 Nov 05:37',
      '    turn 3b after rewind',
      '',
      '    claude  05:37 · opus-5-5',
      '    Mock reply 7 to: turn 3b after rewind',
    ]);
  });

  test('with --tail by a full id has the numbers, too', async () => {
    const { stdout } = await show(fixtureHome('recorded/ui2'), ['0000000d-0000-4000-8000-000000000001', '--tail', '3']);
    expect(stdout).toContain('\n 3  you     Mon 23 Nov 05:37\n');
  });

  test('with --at begins at that prompt', async () => {
    const home = fixtureHome('recorded/ui2');
    const whole = await conversation(home, ['0000000d']);
    for (const prompt of [1, 2, 3]) {
      const start = whole.findIndex((text) => text.startsWith(` ${prompt}  you`));
      expect(await conversation(home, ['0000000d', '--at', String(prompt)])).toEqual(whole.slice(start - 1));
    }
    expect(await conversation(home, ['0000000d', '--at', '2', '--head', '1'])).toEqual([
      '',
      ' 2  you     Mon 23 Nov 05:36',
      '    turn number 2 RUN_WRITE{/home/dev/lab/work/ui2/f.txt|v2} THEN SAY{reply-2}',
    ]);
  });

  test.each([[[]], [['--json']], [['--jsonl']]])('refuses a prompt that is not there: %j', async (flags) => {
    const { stdout, stderr, exitCode } = await show(fixtureHome('recorded/ui2'), ['0000000d', '--at', '4', ...flags]);
    expect([stdout, exitCode]).toEqual(['', 4]);
    expect(stderr).toContain('the active branch of the session has no prompt 4.');
    expect(stderr).toContain('its prompts are numbered 1 to 3');
  });

  test('fits a terminal, but for the path and the next command, which stay whole', async () => {
    const { stdout } = await show(fixtureHome('recorded/print'), [TOOLS], { terminal: 60 });
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((text) => !/^(?:  file |Next: )/.test(text))
          .map((text) => text.length),
      ),
    ).toBeLessThanOrEqual(60);
  });

  test('shows nothing that could control a terminal', async () => {
    const home = temporaryHome({
      'projects/-home-dev-app/aaaaaaaa-0000-4000-8000-000000000001.jsonl':
        promptLine('\u001b]0;owned\u0007hi \u202eevil\n\u001b[2Jtwo', { sessionId: 's', parentUuid: null }) +
        answerLine('m', '\u009b31mred\u200b', { parentUuid: null }),
    });
    for (const world of [{}, { terminal: 80 }] as World[]) {
      const { stdout } = await show(home.path, ['aaaaaaaa', '--messages', 'all'], world);
      const mark = world.terminal === undefined ? '    ' : '  ▌ ';
      expect(stdout).toContain(`${mark}hi evil\n${mark}two\n`);
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
    }
  });
});

describe('the page on a terminal', () => {
  test('names the command to resume the session below it; a pipe does not', async () => {
    const home = fixtureHome('recorded/print');
    const agent = (await show(home, [AGENTS, '--subagent', 'zz'])).stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
    const [terminal, pipe, agents] = [
      await show(home, [TOOLS, '--no-pager'], { terminal: 80 }),
      await show(home, [TOOLS]),
      await show(home, [AGENTS, '--subagent', agent, '--no-pager'], { terminal: 80 }),
    ];
    expect(agents).toMatchObject({ stderr: '', exitCode: 0 });
    const next = `Next: ccsess --config-dir ${home} resume ${TOOLS.slice(0, 8)}`;
    expect(terminal.stdout.split('\n').slice(-3)).toEqual(['', next, '']);
    expect([pipe, agents].map(({ stdout }) => stdout.includes('Next:'))).toEqual([false, false]);
  });

  const PNG =
    'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Afnh+ngAAAAASUVORK5CYII=';
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  const answerOf = (id: string, content: unknown[]): string =>
    answerLine(id, '', { message: { id, role: 'assistant', model: 'claude-a', content } });
  const resultOf = (id: string, result: unknown, details: unknown, members: object = {}): string =>
    promptLine('', {
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result, ...members }] },
      toolUseResult: details,
    });

  function homeOf(...lines: string[]): string {
    let parentUuid: string | null = null;
    const chained = lines.map((text) => {
      const entry = { ...(JSON.parse(text) as { uuid: string }), parentUuid };
      parentUuid = entry.uuid;
      return line(entry);
    });
    return temporaryHome({
      'projects/-home-dev-app/aaaaaaaa-0000-4000-8000-000000000001.jsonl': chained.join(''),
    }).path;
  }

  test('lays out the Markdown of answers, and prints it as written in a pipe', async () => {
    const home = homeOf(promptLine('**ask**'), answerLine('m', '# Title\n\n- **one**\n- `two`'));
    expect((await conversation(home, ['aaaaaaaa'], { terminal: 80 })).slice(2, -2)).toEqual([
      '  ▌ **ask**',
      '',
      '    claude  10:00 · a',
      '    Title',
      '',
      '    • one',
      '    • `two`',
    ]);
    expect((await conversation(home, ['aaaaaaaa'])).slice(2)).toEqual([
      '    **ask**',
      '',
      '    claude  10:00 · a',
      '    # Title',
      '',
      '    - **one**',
      '    - `two`',
    ]);
  });

  test('shows images as a line with their size', async () => {
    const home = homeOf(
      promptLine('', { message: { role: 'user', content: [{ type: 'text', text: 'what is this' }, image] } }),
      promptLine('', { message: { role: 'user', content: [image] } }),
      answerOf('m', [{ type: 'tool_use', id: 't', name: 'Read', input: { file_path: '/home/dev/app/a.png' } }]),
      resultOf('t', [image], { type: 'image', file: { base64: PNG, type: 'image/png', originalSize: 80 } }),
    );
    const text = (await conversation(home, ['aaaaaaaa', '--tools'], { terminal: 80 })).join('\n');
    expect(text).toContain('  ▌ what is this\n  ▌ [image: PNG 16×16, 80 B]\n');
    expect(text).toContain('you     Fri 20 Nov 10:00\n  ▌ [image: PNG 16×16, 80 B]\n');
    expect(text).toContain('    ▸ Read a.png (image, 80 B)\n');
    expect(text).toContain('      │ [image: PNG 16×16, 80 B]');
  });

  test('says what folded tools did', async () => {
    const read = Array.from({ length: 147 }, (_, at) => `${String(at + 1).padStart(6)}→x`).join('\n');
    const home = homeOf(
      promptLine('go'),
      answerOf('m', [
        { type: 'tool_use', id: 'a', name: 'Read', input: { file_path: '/home/dev/app/src/config.ts' } },
        { type: 'tool_use', id: 'b', name: 'Bash', input: { command: 'npm test' } },
        { type: 'tool_use', id: 'c', name: 'Read', input: { file_path: '/home/dev/app/src/main.ts' } },
      ]),
      resultOf('a', read, { type: 'text', file: { filePath: '/home/dev/app/src/config.ts', numLines: 147 } }),
      resultOf('b', `Exit code 1\n${'fail\n'.repeat(212)}`, 'Error', { is_error: true }),
      resultOf('c', read, null),
    );
    expect((await conversation(home, ['aaaaaaaa'], { terminal: 80 })).filter((text) => text.includes('▸'))).toEqual([
      '    ▸ Read src/config.ts (147 lines)',
      '    ▸ Bash npm test · exit 1 · 212 lines',
      '    ▸ Read src/main.ts (147 lines)',
    ]);
  });

  test('shows the change of an edit with the numbers of its lines', async () => {
    const patch = [{ oldStart: 9, newStart: 9, lines: [' a', '-old\u001b[2J', '+new', '+er', '\\ No newline'] }];
    const edit = { file_path: '/home/dev/app/a.ts', old_string: 'old', new_string: 'new\ner' };
    const home = homeOf(
      promptLine('go'),
      answerOf('m', [
        { type: 'tool_use', id: 'a', name: 'Edit', input: edit },
        { type: 'tool_use', id: 'b', name: 'Edit', input: edit },
      ]),
      resultOf('a', 'done', { structuredPatch: patch }),
      resultOf('b', 'done', null),
    );
    const { stdout } = await show(home, ['aaaaaaaa', '--tools'], { terminal: 80, color: 1 });
    expect(stdout.split('\n').slice(-12, -3)).toEqual([
      '    \u001b[36m▸ Edit\u001b[39m a.ts\u001b[2m · +2 −1\u001b[22m',
      '\u001b[2m       9   a\u001b[22m',
      '\u001b[31m      10 - old\u001b[39m',
      '\u001b[32m      10 + new\u001b[39m',
      '\u001b[32m      11 + er\u001b[39m',
      '    \u001b[36m▸ Edit\u001b[39m a.ts\u001b[2m · +2 −1\u001b[22m',
      '\u001b[31m        - old\u001b[39m',
      '\u001b[32m        + new\u001b[39m',
      '\u001b[32m        + er\u001b[39m',
    ]);
  });
});

describe('JSON', () => {
  test('is the session and its messages', async () => {
    const { stdout } = await show(fixtureHome('recorded/ui2'), ['0000000d', '--json']);
    const shown = JSON.parse(stdout) as {
      schemaVersion: number;
      session: { id: string };
      messages: { kind: string; prompt: number }[];
    };
    expect(Object.keys(shown)).toEqual(['schemaVersion', 'session', 'messages']);
    expect([shown.schemaVersion, shown.session.id]).toEqual([1, '0000000d-0000-4000-8000-000000000001']);
    expect(shown.messages.filter(({ kind }) => kind === 'prompt').map(({ prompt }) => prompt)).toEqual([1, 2, 3]);
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  test('is indented on a terminal, and the same value', async () => {
    const home = fixtureHome('recorded/ui2');
    const [pipe, terminal] = [
      await show(home, ['0000000d', '--json']),
      await show(home, ['0000000d', '--json'], { terminal: 80 }),
    ];
    expect(JSON.parse(terminal.stdout)).toEqual(JSON.parse(pipe.stdout));
    expect(terminal.stdout).toBe(`${JSON.stringify(JSON.parse(pipe.stdout), null, 2)}\n`);
    const none = await show(home, ['0000000d', '--json', '--head', '0'], { terminal: 80 });
    expect(none.stdout).toBe(`${JSON.stringify(JSON.parse(none.stdout), null, 2)}\n`);
  });

  test('keeps the numbers of prompts with --at', async () => {
    const home = fixtureHome('recorded/ui2');
    const whole = (await show(home, ['0000000d', '--jsonl'])).stdout.split('\n');
    const start = whole.findIndex((text) => text.includes('"kind":"prompt","prompt":2,'));
    expect((await show(home, ['0000000d', '--jsonl', '--at', '2'])).stdout.split('\n')).toEqual(whole.slice(start));
  });

  test('has a message a line with --jsonl', async () => {
    const home = fixtureHome('recorded/ui2');
    const whole = JSON.parse((await show(home, ['0000000d', '--json'])).stdout) as { messages: unknown[] };
    const lines = (await show(home, ['0000000d', '--jsonl'])).stdout.trimEnd().split('\n');
    expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual(whole.messages);
  });
});

describe('other views', () => {
  test('--raw is the file, byte for byte', async () => {
    const home = fixtureHome('recorded/print');
    const path = (await run(['path', TOOLS, '--config-dir', home], { now: NOW })).stdout.trim();
    expect((await show(home, [TOOLS, '--raw'])).stdout).toBe(readFileSync(path, 'utf8'));
    const lines = readFileSync(path, 'utf8').split('\n');
    expect((await show(home, [TOOLS, '--raw', '--head', '2'])).stdout).toBe(`${lines.slice(0, 2).join('\n')}\n`);
    expect((await show(home, [TOOLS, '--raw', '--tail', '2'])).stdout).toBe(`${lines.slice(-3, -1).join('\n')}\n`);
  });

  test('--raw on a terminal escapes what could control it', async () => {
    const home = temporaryHome({
      'projects/-home-dev-app/aaaaaaaa-0000-4000-8000-000000000001.jsonl': promptLine('x') + 'torn \u001b[2J\n',
    });
    expect((await show(home.path, ['aaaaaaaa', '--raw'], { terminal: 80 })).stdout).toContain('torn \\u001b[2J\n');
  });

  test('--files are the files with their sizes', async () => {
    const home = fixtureHome('recorded/print');
    const { stdout } = await show(home, [AGENTS, '--files']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((text) => text.split('\t'));
    expect(rows[0]?.[0]).toBe('transcript');
    expect(rows.filter(([part]) => part === 'subagents').length).toBeGreaterThanOrEqual(3);
    for (const [, bytes, path] of rows) expect(readFileSync(path!).length).toBe(Number(bytes));
    const json = JSON.parse((await show(home, [AGENTS, '--files', '--json'])).stdout) as { files: { path: string }[] };
    expect(json.files.map(({ path }) => path)).toEqual(rows.map(([, , path]) => path));
    expect((await show(home, [AGENTS, '--files'], { terminal: 200 })).stdout).toMatch(
      /^ {2}PART +SIZE {2}FILE\n[\s\S]*\n\d+ files · [\d.]+ KiB\n$/,
    );
  });

  test('--subagent is its conversation; a wrong id names those there are', async () => {
    const home = fixtureHome('recorded/print');
    const wrong = await show(home, [AGENTS, '--subagent', 'zz']);
    expect(wrong).toMatchObject({ stdout: '', exitCode: 4 });
    const ids = wrong.stderr
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((text) => text.trim());
    expect(ids).toHaveLength(3);
    const pages = await Promise.all(
      ids.map(async (id) => (await show(home, [AGENTS, '--subagent', id.slice(0, 6)])).stdout),
    );
    expect(pages[0]).toContain(`Subagent ${ids[0]} of ${AGENTS}\n\n 1  you`);
    expect(pages.join('').includes('nested sub three')).toBe(true);
  });
});

describe('errors and damage', () => {
  test.each([
    [['show'], 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).\n'],
    [['show', 'x', '--last'], 2, "ccsess: --last and 'x' each name a session: leave one out.\n"],
    [['show', TOOLS, '--messages', 'al'], 2, 'ccsess: --messages al: not one of active, all (did you mean all?).\n'],
    [['show', TOOLS, '--tail', 'many'], 2, 'ccsess: --tail many: not a whole number of 0 or more.\n'],
    [['show', TOOLS, '--at', '0'], 2, 'ccsess: --at 0: not a whole number of 1 or more.\n'],
    [['show', TOOLS, '--head', '1', '--tail', '1'], 2, 'ccsess: --head and --tail cannot be combined.\n'],
    [['show', TOOLS, '--at', '1', '--tail', '1'], 2, 'ccsess: --at and --tail cannot be combined.\n'],
    [['show', TOOLS, '--at', '1', '--raw'], 2, 'ccsess: --at and --raw cannot be combined.\n'],
    [['show', 'zzzz'], 4, "ccsess: no session 'zzzz'\n  ccsess --config-dir <dir> list\n"],
  ])('%j', async (argv, exitCode, message) => {
    const home = fixtureHome('recorded/print');
    expect(await run([...argv, '--config-dir', home], { now: NOW })).toEqual({
      stdout: '',
      stderr: message.replace('<dir>', home),
      exitCode,
    });
  });

  test('damage is reported in the header, and everything else is shown', async () => {
    const home = temporaryHome({
      [join('projects', '-home-dev-app', 'aaaaaaaa-0000-4000-8000-000000000001.jsonl')]:
        promptLine('one', { uuid: 'u', parentUuid: null }) +
        '\0\0\n' +
        line({ type: 'user', uuid: 'v', parentUuid: 'u', message: { content: 'two' } }),
    });
    const { stdout } = await show(home.path, ['aaaaaaaa']);
    expect(stdout).toContain('  damage    line 2: 2 NUL bytes\n');
    expect(stdout).toContain(' 2  you\n    two\n');
  });
});
