// Kinds of sessions that `claude -p` makes, each a name and a function that makes them at a desk (sessions-desk.mjs).
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

const bash = (command, more = {}) => ({ name: 'Bash', input: { command, description: 'A command', ...more } });
const tool = (name, input) => ({ tools: [{ name, input }] });
const agent = (prompt, more = {}) => ({
  name: 'Agent',
  input: { description: 'look', prompt, subagent_type: 'general-purpose', run_in_background: false, ...more },
});

/** Models that Claude Code has a price for. */
const MODELS = [
  'claude-opus-5-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-opus-4-5-20251101',
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-5-20250929',
  'claude-haiku-5-5',
  'claude-haiku-4-5-20251001',
  'claude-fable-5',
  'claude-fable-5-1',
  'claude-fable-5-2',
  'claude-mythos-5',
];
const USAGES = [
  ['plain', { input_tokens: 1234, cache_read_input_tokens: 56_789, output_tokens: 321 }],
  ['fast', { speed: 'fast', inference_geo: 'us', output_tokens: 77 }],
  [
    'cached for an hour',
    {
      cache_creation_input_tokens: 9000,
      cache_creation: { ephemeral_5m_input_tokens: 4000, ephemeral_1h_input_tokens: 5000 },
      server_tool_use: { web_search_requests: 3 },
    },
  ],
  ['long', { input_tokens: 120_000, cache_read_input_tokens: 0, cache_creation_input_tokens: 10 }],
];

/** Prompts whose title differs from their text. */
const TITLES = [
  'plain words',
  '  blanks   around  and   within  ',
  'two\nlines',
  '\n\nafter empty lines\n\n\tand a tab',
  'a <b>bold</b> word',
  '<system>all of it</system>',
  'broken <div> element',
  'an <Upper>Element</Upper> stays',
  'nested <a>x <b>y</b> z</a> end',
  '<self-closing/> tag',
  '1 < 2 and 3 > 2',
  'ünïcödé · 日本語 · 👩‍👩‍👧',
  'right to left שלום',
  'zero\u200bwidth and soft\u00adhyphen',
  'no-break\u00a0space and ideographic\u3000space',
  `long ${'words '.repeat(60)}`,
  'x'.repeat(250),
  `${'a'.repeat(199)}👍b`,
  '! ls -la',
  '! \n echo',
  '#hash tag',
  '@nobody mentioned',
  '"quoted" and \\backslash',
  '{"json": true}',
  '* list\n- of things',
  '```\ncode\n```',
  'line one\r\nline two',
  'tab\tseparated\twords',
  '.',
  '…',
  '[Image #1] what is this',
  'Caveat: not a caveat',
  'This session is being continued from a previous conversation',
  '<command-name>/x</command-name>',
  '<bash-input>ls</bash-input>',
];

/** Prompts with text after an element, which Claude Code does not use as a title. */
const BEHIND = [
  '<a href="x">link</a> text',
  '<ide_opened_file>a.ts</ide_opened_file> fix it',
  '<system-reminder>quiet</system-reminder>loud',
];
/** Prompts that are written like lines of Claude Code's own. */
const NOTES = ['[Request interrupted by user] not really', '<local-command-stdout>x</local-command-stdout>'];
/** Prompts that begin with an element, so that a later prompt may give the session its title. */
const MARKED = [...TITLES, ...BEHIND].filter((title) => title.startsWith('<'));

const settings = (value) => ['--settings', JSON.stringify(value)];
const hook = (command) => [{ hooks: [{ type: 'command', command }] }];

/** Sends prompts to one session one after the other, each by a process of its own. */
async function chain(desk, count, flagsOf = () => []) {
  let id;
  for (let at = 0; at < count; at++) {
    const flags = id === undefined ? [] : ['--resume', id];
    ({ session_id: id } = await desk.print(desk.prompt(), { flags: [...flags, ...flagsOf(at)] }));
  }
  return id;
}

const each = (list, name, make) => list.map((value, at) => [`${name} ${at + 1}`, (desk) => make(desk, value, at)]);
const times = (count, name, make) =>
  each(
    Array.from({ length: count }, (_, at) => at + 1),
    name,
    make,
  );

export const KINDS = [
  ...MODELS.flatMap((model, at) =>
    [USAGES[at % 4], USAGES[(at + 1) % 4]].map(([name, usage]) => [
      `model ${model} ${name}`,
      (desk) => desk.print(desk.prompt({ usage }), { flags: ['--model', model] }),
    ]),
  ),
  ['model with a long window', (desk) => desk.print(desk.prompt(), { flags: ['--model', 'claude-sonnet-4-5[1m]'] })],
  ...each(['haiku', 'sonnet', 'opus'], 'model switched', async (desk, other) => {
    const id = await chain(desk, 2, (at) => (at === 1 ? ['--model', other] : []));
    await desk.print(desk.prompt(), { flags: ['--resume', id] });
  }),
  ...each(TITLES, 'title', (desk, title) => desk.print(title)),
  ...each(BEHIND, 'behind an element', (desk, title) => desk.print(title)),
  ...each(NOTES, 'written like a note', (desk, note) => desk.print(note)),
  ...each(MARKED, 'mark after words', async (desk, title) => {
    const { session_id: id } = await desk.print(`Words ${desk.word()}`);
    await desk.print(title, { flags: ['--resume', id] });
  }),
  ...each(MARKED, 'mark before words', async (desk, title) => {
    const { session_id: id } = await desk.print(title);
    await desk.print(`Words ${desk.word()}`, { flags: ['--resume', id] });
  }),
  ...times(6, 'turns', (desk, count) => desk.turns(Array.from({ length: count }, () => desk.prompt()))),
  ...times(2, 'replayed turns', (desk) =>
    desk.turns([desk.prompt(), desk.prompt()], { flags: ['--replay-user-messages'] }),
  ),
  ...times(4, 'queued', (desk, count) =>
    desk.turns(
      [
        desk.prompt({ delayMs: 1000 * count, tools: [bash('echo a')] }, {}),
        ...Array.from({ length: count }, () => `Also ${desk.word()}`),
      ],
      { pause: 0.8 },
    ),
  ),
  ...times(4, 'resumed', (desk, count) => chain(desk, count + 1)),
  ...times(3, 'continued', async (desk, count) => {
    await chain(desk, 1);
    for (let at = 0; at < count; at++) await desk.print(desk.prompt(), { flags: ['--continue'] });
  }),
  ...times(4, 'forked', async (desk, count) => {
    const id = await chain(desk, count);
    const fork = await desk.print(desk.prompt(), { flags: ['--resume', id, '--fork-session'], from: id });
    await desk.print(desk.prompt(), { flags: ['--resume', id] });
    await desk.print(desk.prompt(), { flags: ['--resume', fork.session_id] });
  }),
  ...times(3, 'resumed at an earlier answer', async (desk, count) => {
    const id = await chain(desk, count + 1);
    const uuid = await desk.answerOf(id, count);
    await desk.print(desk.prompt(), { flags: ['--resume', id, '--resume-session-at', uuid] });
  }),
  [
    'forked at an earlier answer',
    async (desk) => {
      const id = await chain(desk, 3);
      const uuid = await desk.answerOf(id, 1);
      const flags = ['--resume', id, '--resume-session-at', uuid, '--fork-session'];
      const { session_id: fork } = await desk.print(desk.prompt(), { flags });
      desk.note(fork, { prompts: 1 });
    },
  ],
  ['tools at once', (desk) => desk.print(desk.prompt({ tools: [bash('echo a'), bash('echo b'), bash('false')] }, {}))],
  [
    'tools one after the other',
    (desk) => desk.print(desk.prompt({ tools: [bash('echo a')] }, { text: 'between', tools: [bash('echo b')] }, {})),
  ],
  [
    'files',
    (desk) => {
      const path = join(desk.work, 'a.txt');
      const edit = { file_path: path, old_string: 'one', new_string: 'two' };
      return desk.print(
        desk.prompt(
          tool('Write', { file_path: path, content: 'one\n' }),
          tool('Edit', edit),
          tool('Read', { file_path: path }),
          {},
        ),
      );
    },
  ],
  [
    'large output',
    (desk) => desk.print(desk.prompt({ tools: [bash('seq 1 20000')] }, { tools: [bash('seq 1 4000')] }, {})),
  ],
  [
    'tasks',
    (desk) => desk.print(desk.prompt(tool('TaskCreate', { subject: 'a', description: 'b', activeForm: 'c' }), {})),
  ],
  [
    'background shell',
    (desk) =>
      desk.print(desk.prompt({ tools: [bash('timeout 1 tail -f /dev/null', { run_in_background: true })] }, {})),
  ],
  [
    'another folder',
    (desk) => {
      desk.file('sub/x.txt', 'x');
      return desk.print(desk.prompt({ tools: [bash('cd sub && pwd')] }, { tools: [bash('pwd')] }, {}));
    },
  ],
  ['added folder', (desk) => desk.print(desk.prompt(), { flags: ['--add-dir', '/usr/share'] })],
  [
    'refused tool',
    (desk) => desk.print(desk.prompt({ tools: [bash('echo no')] }, {}), { flags: ['--disallowedTools', 'Bash'] }),
  ],
  [
    'turns limited',
    (desk) => desk.print(desk.prompt({ tools: [bash('echo a')] }, {}), { flags: ['--max-turns', '1'] }),
  ],
  [
    'schema',
    (desk) =>
      desk.print(desk.prompt(), { flags: ['--json-schema', '{"type":"object","properties":{}}', '--max-turns', '2'] }),
  ],
  [
    'budget',
    (desk) =>
      desk.print(desk.prompt({ tools: [bash('echo a')], usage: { output_tokens: 90_000 } }, {}), {
        flags: ['--max-budget-usd', '0.01'],
      }),
  ],
  ['thinking', (desk) => desk.print(desk.prompt({ thinking: 'let me see', text: desk.word('a') }))],
  [
    'attached file',
    (desk) => {
      desk.file('note.md', '# note\n');
      return desk.print(`Look at @note.md ${desk.word()}`);
    },
  ],
  [
    'image',
    (desk) => {
      const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
      const source = { type: 'base64', media_type: 'image/png', data };
      return desk.turns([
        [
          { type: 'text', text: desk.word() },
          { type: 'image', source },
        ],
      ]);
    },
  ],
  ...each([400, 401, 413, 500], 'error of the API', async (desk, status) => {
    const error = { status, type: 'invalid_request_error' };
    const env = { CLAUDE_CODE_MAX_RETRIES: '1' };
    const { session_id: id } = await desk.print(desk.prompt({ error }), { env });
    await desk.print(desk.prompt(), { flags: ['--resume', id] });
  }),
  [
    'overloaded twice',
    (desk) => desk.print(desk.prompt({ error: { status: 529, type: 'overloaded_error', times: 2, at: desk.number } })),
  ],
  [
    'other model after an error',
    (desk) => {
      const error = { status: 529, type: 'overloaded_error', model: 'opus' };
      return desk.print(desk.prompt({ error }), {
        flags: ['--model', 'claude-opus-5-5', '--fallback-model', 'claude-sonnet-5-5'],
      });
    },
  ],
  ['answer cut', (desk) => desk.print(desk.prompt({ stop: 'max_tokens', text: desk.word('a') }, {}))],
  [
    'refusal',
    async (desk) => {
      const { session_id: id } = await desk.print(desk.prompt({ stop: 'refusal', text: desk.word('a') }));
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
    },
  ],
  [
    'custom command',
    async (desk) => {
      desk.file('.claude/commands/thing.md', 'Do the thing with $ARGUMENTS');
      const { session_id: id } = await desk.print(`/thing a b ${desk.word()}`);
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
    },
  ],
  [
    'custom command later',
    async (desk) => {
      desk.file('.claude/commands/thing.md', 'Do the thing with $ARGUMENTS');
      const id = await chain(desk, 1);
      await desk.print(`/thing c ${desk.word()}`, { flags: ['--resume', id] });
    },
  ],
  [
    'skill',
    async (desk) => {
      desk.file('.claude/skills/greet/SKILL.md', '---\nname: greet\ndescription: Greets\n---\nGreet $ARGUMENTS\n');
      await desk.print(`/greet Bob ${desk.word()}`);
    },
  ],
  ...each(['/cost', '/context', '/rename Other name', '/clear'], 'local command', async (desk, command) => {
    const id = await chain(desk, 1);
    await desk.print(command, { flags: ['--resume', id], prompts: 0 });
    await desk.print(desk.prompt(), { flags: ['--resume', id] });
  }),
  // Claude Code sends an unknown command to the model as an ordinary prompt.
  ['unknown command', (desk) => desk.print(`/nosuchcommand ${desk.word()}`)],
  ...times(3, 'compacted', async (desk, count) => {
    const id = await chain(desk, count);
    await desk.print('/compact', { flags: ['--resume', id], prompts: 0 });
    for (let at = 0; at < count; at++) await desk.print(desk.prompt(), { flags: ['--resume', id] });
    if (count === 3) await desk.print('/compact be brief', { flags: ['--resume', id], prompts: 0 });
  }),
  [
    'compacted and forked',
    async (desk) => {
      const id = await chain(desk, 2);
      await desk.print('/compact', { flags: ['--resume', id], prompts: 0 });
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
      // A fork holds the active branch alone, which begins at the compaction.
      await desk.print(desk.prompt(), { flags: ['--resume', id, '--fork-session'], prompts: 2 });
    },
  ],
  [
    'compacted by itself',
    async (desk) => {
      const usage = { input_tokens: 190_000 };
      const flags = ['--model', 'claude-sonnet-4-5-20250929'];
      const { session_id: id } = await desk.print(desk.prompt({ usage }), { flags });
      await desk.print(desk.prompt(), { flags: [...flags, '--resume', id] });
    },
  ],
  ['subagent', (desk) => desk.print(desk.prompt({ tools: [agent('Look here')] }, {}))],
  ['subagents at once', (desk) => desk.print(desk.prompt({ tools: [agent('Look here'), agent('Look there')] }, {}))],
  [
    'subagent with tools',
    (desk) => {
      const inner = `Look\nscript: ${JSON.stringify([{ tools: [bash('echo in')] }, { text: 'seen' }])}`;
      return desk.print(desk.prompt({ tools: [agent(inner)] }, {}));
    },
  ],
  [
    'background subagent',
    (desk) => desk.print(desk.prompt({ tools: [agent('Look here', { run_in_background: true })] }, {})),
  ],
  [
    'hook that blocks a prompt',
    async (desk) => {
      const id = await chain(desk, 1);
      const hooks = { UserPromptSubmit: hook('echo blocked >&2; exit 2') };
      await desk.print(desk.prompt(), { flags: ['--resume', id, ...settings({ hooks })], prompts: 0 });
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
    },
  ],
  [
    'hook that denies a tool',
    (desk) => {
      const hooks = { PreToolUse: hook('echo denied >&2; exit 2') };
      return desk.print(desk.prompt({ tools: [bash('echo a')] }, {}), { flags: settings({ hooks }) });
    },
  ],
  [
    'hook that feeds back',
    (desk) => {
      const hooks = { Stop: hook('[ -e stopped ] && exit 0; touch stopped; echo more >&2; exit 2') };
      return desk.print(desk.prompt({ text: desk.word('a') }, {}), { flags: settings({ hooks }) });
    },
  ],
  [
    'hook that adds context',
    (desk) => {
      const hooks = { UserPromptSubmit: hook('echo context'), SessionStart: hook('echo start') };
      return desk.print(desk.prompt(), { flags: settings({ hooks }) });
    },
  ],
  ...times(2, 'killed in an answer', async (desk, count) => {
    const prompt = desk.prompt({ delayMs: 60_000 });
    const id = await desk.killed(prompt, /z\d+p\d+/.exec(prompt)[0]);
    if (count === 2) await desk.print(desk.prompt(), { flags: ['--resume', id] });
  }),
  ...times(2, 'killed in a tool', async (desk, count) => {
    const id = await chain(desk, 1);
    const text = desk.word('t');
    await desk.killed(
      desk.prompt({ tools: [bash(`: ${text}; timeout 5 tail -f /dev/null`), bash('echo b')] }, {}),
      text,
      { type: 'assistant', id, flags: ['--resume', id] },
    );
    if (count === 2) await desk.print(desk.prompt(), { flags: ['--resume', id] });
  }),
  [
    'named',
    async (desk) => {
      const { session_id: id } = await desk.print(desk.prompt(), { flags: ['--name', `My ${desk.word('n')}`] });
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
    },
  ],
  [
    'named and forked',
    async (desk) => {
      const { session_id: id } = await desk.print(desk.prompt(), { flags: ['--name', `My ${desk.word('n')}`] });
      await desk.print(desk.prompt(), { flags: ['--resume', id, '--fork-session'], from: id });
    },
  ],
  ['given id', (desk) => desk.print(desk.prompt(), { flags: ['--session-id', randomUUID()] })],
  [
    'worktree',
    async (desk) => {
      const git = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
      await desk.run('git', ['init', '-q']);
      await desk.run('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'x']);
      await desk.print(desk.prompt(), { flags: ['--worktree', 'side'] });
    },
  ],
  [
    'own agent',
    (desk) => {
      const agents = { judge: { description: 'judges', prompt: 'Judge' } };
      return desk.print(desk.prompt(), { flags: ['--agents', JSON.stringify(agents), '--agent', 'judge'] });
    },
  ],
  ['output style', (desk) => desk.print(desk.prompt(), { flags: settings({ outputStyle: 'Explanatory' }) })],
  ...each(['claude-desktop', 'local-agent', 'claude-vscode', 'remote'], 'entrypoint', (desk, entrypoint) =>
    desk.print(desk.prompt(), { env: { CLAUDE_CODE_ENTRYPOINT: entrypoint } }),
  ),
  ...times(2, 'two processes at once', async (desk) => {
    const id = await chain(desk, 1);
    const flags = ['--resume', id];
    await Promise.all([desk.print(desk.prompt({ delayMs: 2000 }), { flags }), desk.print(desk.prompt(), { flags })]);
    desk.note(id, { cost: null });
  }),
];
