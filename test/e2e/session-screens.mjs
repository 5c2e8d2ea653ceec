// Kinds of sessions that are made on the screen of Claude Code, and in the background, each a name and a function that
// makes them at a desk (sessions-desk.mjs).
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

const bash = (command) => ({ name: 'Bash', input: { command, description: 'A command' } });
const TOOLS = ['--allowedTools', 'Bash'];

/** Opens a new session on the screen, sends prompts, and returns both. */
async function open(desk, prompts = 0, flags = []) {
  const id = randomUUID();
  const screen = await desk.screen(['--session-id', id, ...TOOLS, ...flags]);
  desk.note(id, {});
  for (let at = 0; at < prompts; at++) await ask(desk, screen, id);
  return { id, screen };
}

async function ask(desk, screen, id, step) {
  const typed = desk.typed(step);
  await screen.ask(typed);
  desk.note(id, { prompts: 1 });
  await setTimeout(500);
}

/** Ends the screen's process at once, as a crash would. */
async function crash(screen) {
  await setTimeout(500);
  await screen.tmux('send-keys', '-t', 'main', 'C-z');
  await screen.close();
}

/** Picks a row above the current one of `/rewind`, to restore the conversation alone. */
async function rewind(screen, rowsUp) {
  await screen.send('/rewind', /Restore the code and/);
  for (let row = 0; row < rowsUp; row++) await screen.press('Up');
  await screen.press('Enter');
  await screen.shows(/Restore conversation|Never mind/);
  await screen.press('Enter');
  await setTimeout(1500);
  // The prompt is in the input again.
  await screen.press('C-u');
}

export const SCREENS = [
  ['screen with one prompt', async (desk) => (await open(desk, 1)).screen.leave()],
  ['screen with three prompts', async (desk) => (await open(desk, 3)).screen.leave()],
  ['screen that crashed', async (desk) => crash((await open(desk, 2)).screen)],
  [
    'screen with a tool',
    async (desk) => {
      const { id, screen } = await open(desk);
      await ask(desk, screen, id, { tools: [bash('echo a')] });
      await screen.leave();
    },
  ],
  [
    'screen resumed',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      await screen.leave();
      const again = await desk.screen(['--resume', id, ...TOOLS]);
      await ask(desk, again, id);
      await again.leave();
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
    },
  ],
  [
    'screen with a shell line',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      await screen.type('!');
      await screen.send(`echo  ${desk.word()}`, /⎿\s+z\d+p\d+/);
      desk.note(id, { prompts: 1 });
      await setTimeout(2000);
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen with a shell line first',
    async (desk) => {
      const { id, screen } = await open(desk);
      await screen.type('!');
      await screen.send(`echo  ${desk.word()}`, /⎿\s+z\d+p\d+/);
      desk.note(id, { prompts: 1 });
      await setTimeout(2000);
      await screen.leave();
    },
  ],
  [
    'screen with a skill',
    async (desk) => {
      desk.file('.claude/skills/greet/SKILL.md', '---\nname: greet\ndescription: Greets\n---\nGreet $ARGUMENTS\n');
      const { id, screen } = await open(desk);
      await screen.send(`/greet Ann  ${desk.word()} `, /● done/);
      desk.note(id, { prompts: 1 });
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen with a custom command',
    async (desk) => {
      desk.file('.claude/commands/thing.md', 'Do the thing with $ARGUMENTS');
      const { id, screen } = await open(desk);
      await screen.send(`/thing x y ${desk.word()} `, /● done/);
      desk.note(id, { prompts: 1 });
      await screen.leave();
    },
  ],
  [
    'screen with local commands',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      for (const command of ['/model sonnet', '/context', '/rename On the screen']) {
        await screen.send(command);
        await setTimeout(1500);
        await screen.press('Escape');
      }
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen with a cleared session',
    async (desk) => {
      const { screen } = await open(desk, 2);
      await screen.send('/clear');
      await setTimeout(2000);
      await screen.leave();
    },
  ],
  [
    'screen compacted',
    async (desk) => {
      const { id, screen } = await open(desk, 2);
      await screen.send('/compact', /Compacted|compacted/);
      await setTimeout(1000);
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen interrupted',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      const { text } = desk.typed({ delayMs: 30_000 });
      await screen.send(text);
      desk.note(id, { prompts: 1 });
      await setTimeout(2500);
      await screen.press('Escape');
      await setTimeout(1500);
      await screen.press('C-u');
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen with a refused tool',
    async (desk) => {
      const { id, screen } = await open(desk);
      await screen.send(desk.typed({ tools: [bash('timeout 30 tail -f /dev/null')] }).text, /timeout 30/);
      desk.note(id, { prompts: 1 });
      await setTimeout(3000);
      await screen.press('Escape');
      await screen.shows(/Interrupted/);
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen with a queued prompt',
    async (desk) => {
      const { id, screen } = await open(desk);
      const { text, answer } = desk.typed({ delayMs: 4000, tools: [bash('echo a')] });
      await screen.send(text);
      await setTimeout(1500);
      await screen.send(`Also ${desk.word()}`, new RegExp(`● ${answer}[^]*● done`));
      desk.note(id, { prompts: 2 });
      await screen.leave();
    },
  ],
  [
    'screen rewound',
    async (desk) => {
      const { id, screen } = await open(desk, 3);
      await rewind(screen, 1);
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  [
    'screen rewound and crashed',
    async (desk) => {
      const { id, screen } = await open(desk, 3);
      await rewind(screen, 2);
      await ask(desk, screen, id);
      await crash(screen);
    },
  ],
  [
    'screen that branches',
    async (desk) => {
      const { id, screen } = await open(desk, 2);
      const text = await screen.send('/branch', /in the new one \(([0-9a-f-]{36})\)/);
      const branch = /in the new one \(([0-9a-f-]{36})\)/.exec(text)[1];
      desk.note(branch, { from: id, isOwnCost: true });
      await ask(desk, screen, branch);
      await screen.leave();
    },
  ],
  [
    'screen compacted that branches',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      await screen.send('/compact', /Compacted|compacted/);
      await ask(desk, screen, id);
      const text = await screen.send('/branch', /in the new one \(([0-9a-f-]{36})\)/);
      const branch = /in the new one \(([0-9a-f-]{36})\)/.exec(text)[1];
      desk.note(branch, { from: id, isOwnCost: true });
      await ask(desk, screen, branch);
      await screen.leave();
    },
  ],
  [
    'screen next to a -p that resumes it',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      await desk.print(desk.prompt(), { flags: ['--resume', id] });
      desk.note(id, { cost: null });
      await ask(desk, screen, id);
      await ask(desk, screen, id);
      await crash(screen);
    },
  ],
  [
    'screen next to another one',
    async (desk) => {
      const { id, screen } = await open(desk, 1);
      const other = await desk.screen(['--resume', id, ...TOOLS]);
      await ask(desk, other, id);
      await ask(desk, screen, id);
      await other.leave();
      await crash(screen);
    },
  ],
  [
    'screen in plan mode',
    async (desk) => {
      const { id, screen } = await open(desk, 1, ['--permission-mode', 'plan']);
      await ask(desk, screen, id);
      await screen.leave();
    },
  ],
  ['screen with a name', async (desk) => (await open(desk, 1, ['--name', `Named ${desk.word('n')}`])).screen.leave()],
  [
    'screen with a pasted text',
    async (desk) => {
      const { id, screen } = await open(desk);
      await screen.tmux('set-buffer', Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n'));
      await screen.tmux('paste-buffer', '-p', '-t', 'main');
      await screen.send(` ${desk.word()}`, /● done/);
      desk.note(id, { prompts: 1 });
      await screen.leave();
    },
  ],
  [
    'background session',
    async (desk) => {
      const run = await desk.run(desk.claude, ['--bg', desk.prompt()]);
      const short = /\b[0-9a-f]{8}\b/.exec(run.stdout)?.[0];
      await setTimeout(8000);
      const listed = (await desk.list()).find(({ id }) => id.startsWith(short));
      if (listed === undefined) throw new Error(`${run.stdout}${run.stderr}`);
      desk.note(listed.id, { prompts: 1 });
      await desk.run(desk.claude, ['stop', short]);
    },
  ],
];
