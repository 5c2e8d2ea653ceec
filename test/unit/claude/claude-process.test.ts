import { describe, expect, test } from 'vitest';
import { sessionArgumentsOf, type SessionArguments } from '../../../src/claude/live/claude-process.js';
import { id } from './disk.js';

const ID = id(1);
const OTHER = id(2);

/** The session of a process with these arguments; a command line is split at its spaces. */
function said(
  command: string | readonly string[],
  { name = '', program = null as string | null } = {},
): SessionArguments | null {
  const args = typeof command === 'string' ? command.split(' ') : command;
  return sessionArgumentsOf({ pid: 4242, uid: 1000, args, name, program, folder: '/home/dev/app', startedMs: 0 });
}

describe('the session a running claude names', () => {
  test.each([
    [`claude --resume ${ID}`, [ID]],
    [`claude --resume=${ID}`, [ID]],
    [`claude -r ${ID}`, [ID]],
    [`claude -r${ID}`, [ID]],
    [`claude -pr ${ID} hello`, [ID]],
    [`claude -c --resume ${ID}`, [ID]],
    [`claude --session-id ${ID}`, [ID]],
    [`claude --session-id=${ID} -p hello`, [ID]],
    [`claude --model opus --resume ${ID} --verbose`, [ID]],
    [`claude --resume /home/dev/.claude/projects/-home-dev-app/${ID}.jsonl`, [ID]],
    [`claude --resume ${ID} --fork-session --session-id ${OTHER}`, [OTHER]],
    [`claude --resume ${ID} --resume ${OTHER}`, [ID, OTHER]],
    [`/home/dev/.local/share/claude/versions/2.1.42 --agent-id dev@team --session-id ${ID}`, [ID]],
    [`node --max-old-space-size=8192 /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js --resume ${ID}`, [ID]],
    [
      `/usr/bin/node --no-warnings -r ./hook.js /home/dev/.npm/_npx/97540b0888a2deac/node_modules/.bin/claude -r ${ID}`,
      [ID],
    ],
    [`node /app/node_modules/@anthropic-ai/claude-agent-sdk/cli.js --output-format stream-json --resume ${ID}`, [ID]],
    [`bun /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js --resume ${ID}`, [ID]],
    [`bun run /usr/local/bin/claude --resume ${ID}`, [ID]],
    [`deno run -A npm:@anthropic-ai/claude-code@2.1.42 --resume ${ID}`, [ID]],
    [`/usr/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe --resume ${ID}`, [ID]],
  ])('%s', (command, ids) => {
    expect(said(command)).toEqual({ ids, opened: 'none' });
  });

  test.each([
    [['claude', '--resume', 'A title', '--verbose'], ['A title']],
    [['claude', '--resume=A title'], ['A title']],
    [['claude', '-rA'], ['A']],
    ['claude -r A title --model opus', ['A', 'A title']],
  ])('may be named by its title: %s', (command, titles) => {
    expect(said(command)).toEqual({ ids: [], opened: 'any', titles });
  });

  test('by its title is not held by a fork of it', () => {
    expect(said('claude --resume A --fork-session')).toEqual({ ids: [], opened: 'none' });
  });

  test('in upper case may be one in lower case too', () => {
    const upper = 'ABCDEF00-0000-4000-8000-00000000000A';
    expect(said(`claude --resume ${upper}`)?.ids).toEqual([upper, upper.toLowerCase()]);
  });
});

describe('a running claude that names none', () => {
  test.each([
    ['claude', 'any'],
    ['/home/dev/.local/bin/claude', 'any'],
    ['claude --resume', 'any'],
    ['claude --resume --verbose', 'any'],
    ['claude -r', 'any'],
    [`claude hello -- --resume ${ID}`, 'any'],
    ['claude bg-spare --bg-spare /tmp/spare/1.claim.sock', 'any'],
    ['claude --agent-id dev@team --parent-session-id x', 'any'],
    ['claude -c', 'continued'],
    ['claude --continue', 'continued'],
    ['claude -pc hello', 'continued'],
    [`claude --resume ${ID} --fork-session`, 'none'],
    ['claude -c --fork-session', 'none'],
  ])('%s: %s of its folder', (command, opened) => {
    expect(said(command)).toEqual({ ids: [], opened });
  });

  test('since Node wrote its title over the arguments', () => {
    expect(said(['claude', '', '', '', ''], { name: 'claude', program: '/usr/bin/node' })).toEqual({
      ids: [],
      opened: 'any',
    });
  });
});

describe('a program is claude by its executable', () => {
  test.each([
    ['/home/dev/.local/share/claude/versions/2.1.42', ''],
    ['/opt/claude', 'cc'],
    [null, 'claude'],
  ])('%s, %s', (program, name) => {
    expect(said(`cc --resume ${ID}`, { program, name })).toEqual({ ids: [ID], opened: 'none' });
  });

  test('in a folder whose name has spaces, with joined arguments', () => {
    const command = `/Users/dev/Library/Application Support/Claude/claude-code/2.1.42/claude --resume ${ID}`;
    expect(said(command, { name: 'claude' })).toEqual({ ids: [ID], opened: 'none' });
  });
});

describe('not a claude that holds a session', () => {
  test.each([
    `grep claude --resume ${ID}`,
    `vim /home/dev/claude --resume ${ID}`,
    'bash /home/dev/bin/claude',
    `sh -c claude --resume ${ID}`,
    `node /home/dev/editor.js claude --resume ${ID}`,
    'node -e claude',
    'node --eval=1 claude',
    'node',
    'node /usr/lib/node_modules/ccsess/bin/ccsess.js resume claude',
    `python3 /home/dev/claude --resume ${ID}`,
    '/usr/lib/claude-desktop/claude-desktop',
    '/Applications/Claude.app/Contents/MacOS/Claude',
    'claude daemon run --origin transient',
    `claude bg-pty-host --bg-pty-host /tmp/x.sock 200 50 -- /usr/bin/claude --session-id ${ID}`,
    'claude mcp serve',
    'claude agents',
    'claude --chrome-native-host',
  ])('%s', (command) => {
    expect(said(command)).toBeNull();
  });

  test('the terminal of a background session, which is a separate process', () => {
    expect(
      said([
        'claude bg-pty-host',
        '--bg-pty-host',
        '/tmp/x.sock',
        '200',
        '50',
        '--',
        '/usr/bin/claude',
        '--session-id',
        ID,
      ]),
    ).toBeNull();
  });

  test('the title npm gives itself', () => {
    expect(
      said([`npm exec @anthropic-ai/claude-code --resume ${ID}`], {
        program: '/usr/bin/node',
        name: 'npm exec @anthr',
      }),
    ).toBeNull();
  });

  test('the native program run as a bundled tool', () => {
    expect(said('rg --files', { program: '/opt/claude', name: 'claude' })).toBeNull();
  });
});
