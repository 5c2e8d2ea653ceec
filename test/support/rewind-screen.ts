import { setTimeout } from 'node:timers/promises';
import type { Terminal } from './claude-lab.js';
import { TOOLS, type RewindLab } from './rewind-lab.js';

/** Time that Claude Code's screen takes to react to a key, in milliseconds; it swallows keys that come too early. */
const KEY_MS = 500;

const ROWS = /Restore the code and\/or conversation/;
/** Matches once the screen shows the prompt again, after the files were restored or errors were shown. */
const PROMPT = /^(?![\s\S]*Never mind)[\s\S]*(?:❯|Esc to cancel)/;

/** A session that is open in Claude Code's own screen. */
export class RewindScreen {
  private constructor(readonly terminal: Terminal) {}

  static async open({ lab }: RewindLab, session: string): Promise<RewindScreen> {
    const terminal = await lab.interactive(['--resume', session, ...TOOLS]);
    await terminal.shows(/❯/);
    return new RewindScreen(terminal);
  }

  /** Types a line, and returns the screen once it shows the answer. */
  async send(text: string, answer: RegExp): Promise<string> {
    await setTimeout(KEY_MS);
    await this.terminal.type(text);
    await setTimeout(KEY_MS);
    await this.terminal.press('Enter');
    return this.terminal.shows(answer);
  }

  /**
   * Chooses the row of `/rewind` that begins with a word, and `Restore code` for it, or another number; returns the
   * screen after it. Null if the screen does not offer to restore files there.
   */
  async restore(word: string, choice: RegExp = /(\d)\. Restore code$/m): Promise<string | null> {
    let screen = await this.send('/rewind', ROWS);
    // The conversation above the rows shows the prompts as well.
    for (let row = 0; !screen.slice(screen.lastIndexOf('▔')).includes(`❯ ${word}`); row += 1) {
      if (row > MAX_ROWS) throw new Error(`no row begins with ${word}:\n${screen}`);
      await this.terminal.press('Up');
      await setTimeout(KEY_MS / 2);
      screen = await this.terminal.shows(ROWS);
    }
    await this.terminal.press('Enter');
    const [, number] = choice.exec(await this.terminal.shows(/Never mind/)) ?? [];
    await setTimeout(KEY_MS);
    if (number === undefined) await this.terminal.press('Escape', 'Escape');
    else await this.terminal.press(number);
    const after = await this.terminal.shows(PROMPT);
    await setTimeout(KEY_MS);
    if (after.includes('Esc to cancel')) await this.terminal.press('Escape');
    return number === undefined ? null : after;
  }

  async close(): Promise<void> {
    await setTimeout(KEY_MS);
    await this.terminal.close();
  }
}

const MAX_ROWS = 20;
