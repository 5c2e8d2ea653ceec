import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccsess, root, type Run } from '../support/built.js';
import { rounds } from '../support/rounds.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

interface Listed {
  id: string;
  prompts: number;
  kind: string;
}
interface Message {
  kind: string;
  prompt: number | null;
  text: string;
}
interface Shown {
  messages: Message[];
}

const reason = whyNoClaude();
if (reason !== null)
  process.stderr.write(`\n!! Forks at each prompt NOT COMPARED with the real Claude Code: ${reason}\n\n`);

describe.skipIf(reason !== null)('a fork at each prompt of the recorded sessions', () => {
  let lab: ClaudeLab;
  let sessions: readonly Listed[];

  beforeAll(async () => {
    lab = await openClaudeLab();
    const recorded = join(root, 'fixtures/recorded');
    for (const scenario of readdirSync(recorded)) {
      const projects = join(recorded, scenario, 'projects');
      if (existsSync(projects)) cpSync(projects, join(lab.configDir, 'projects'), { recursive: true });
    }
    sessions = await list();
  });
  afterAll(async () => lab?.close());

  const inLab = async (...args: string[]): Promise<Run> => {
    const run = await ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return run;
  };
  const show = async (id: string): Promise<Message[]> =>
    (JSON.parse((await inLab('show', id, '--json')).stdout) as Shown).messages;
  const list = async (): Promise<Listed[]> => {
    const all = JSON.parse((await inLab('list', '-a', '--json')).stdout) as Listed[];
    return all.filter(({ prompts, kind }) => prompts > 0 && kind === 'interactive');
  };
  /** Returns all text that Claude Code sends to the API when a session is resumed. */
  const sentBy = async (id: string): Promise<string> => {
    const before = (await lab.asked()).length;
    expect(await lab.run(['-p', 'And on', '--resume', id])).toMatchObject({ code: 0 });
    return (await lab.asked())
      .slice(before)[0]!
      .messages.map(({ text }) => text)
      .join('\n');
  };

  it('sends the prompts and answers that show prints, in order, and none after the fork point', async () => {
    let forks = 0;
    for (const { id } of sessions) {
      const whole = textsOf(await show(id));
      const last = Math.max(0, ...whole.map(({ prompt }) => prompt ?? 0));
      for (let at = 1; at <= last && forks < rounds(24); at++) {
        const fork = (await inLab('fork', id, '--at', String(at), '--cwd', lab.work)).stdout.trim();
        const shown = textsOf(await show(fork));
        const sent = await sentBy(fork);
        forks += 1;

        expect(inOrder(sent, shown), `${id} at ${at}`).toEqual(shown.map(({ text }) => text));
        const later = whole.filter(({ prompt }) => (prompt ?? 0) > at).map(({ text }) => text);
        const held = sent.split('\n');
        expect(
          later.filter((text) => held.includes(text) && !shown.some((each) => each.text.includes(text))),
          `${id} at ${at}`,
        ).toEqual([]);
      }
    }
    expect(forks).toBeGreaterThan(20);
  });
});

/** Prompts and answers with a complete text: fixtures have `…` in place of long ones. */
function textsOf(messages: readonly Message[]): Message[] {
  return messages.filter(({ kind, text }) => ['prompt', 'answer'].includes(kind) && text.trim() !== '' && text !== '…');
}

/** Returns the texts that are found in `sent` in their order. */
function inOrder(sent: string, messages: readonly Message[]): string[] {
  let from = 0;
  return messages.flatMap(({ text }) => {
    const at = sent.indexOf(text, from);
    if (at < 0) return [];
    from = at + text.length;
    return [text];
  });
}
