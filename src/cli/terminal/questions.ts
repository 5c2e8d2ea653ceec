import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import type { Questions } from '../context.js';
import { oneLine, sanitize } from '../render/text/sanitize.js';

const STDIN = 0;
/** Rows of a list of choices shown at once. */
const MAX_SHOWN = 12;

/** Questions on stderr, so that results can be piped while they are asked; null if stdin is not a terminal. */
export function terminalQuestions(): Questions | null {
  if (!isatty(STDIN)) return null;
  return {
    async confirm(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      // At the end of the input (Ctrl-D) no answer ever comes: that counts as no.
      lines.once('SIGINT', () => {
        lines.close();
        process.kill(process.pid, 'SIGINT');
      });
      const closed = new Promise<string>((resolve) => void lines.once('close', () => resolve('')));
      const answer = await Promise.race([lines.question(`${oneLine(question)} [y/N] `), closed]);
      lines.close();
      return /^y(?:es)?$/i.test(answer.trim());
    },
    async choose(question, choices) {
      const { isCancel, select } = await import('@clack/prompts');
      const options = choices.map(({ label }, value) => ({ value, label: sanitize(label) }));
      const chosen = await select({
        message: oneLine(question),
        options,
        maxItems: MAX_SHOWN,
        input: process.stdin,
        output: process.stderr,
      });
      return isCancel(chosen) ? null : (choices[chosen]?.value ?? null);
    },
  };
}
