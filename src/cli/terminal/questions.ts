import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import type { Questions } from '../context.js';
import { oneLine, sanitize } from '../render/text/sanitize.js';

const STDIN = 0;
/** Maximum number of choices shown at once. */
const MAX_SHOWN = 12;

/** Returns the line typed after a prompt; null at the end of the input (Ctrl-D). */
async function askLine(prompt: string): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.once('SIGINT', () => {
    lines.close();
    process.kill(process.pid, 'SIGINT');
  });
  const closed = new Promise<null>((resolve) => void lines.once('close', () => resolve(null)));
  const answer = await Promise.race([lines.question(prompt), closed]);
  lines.close();
  return answer;
}

/** Returns questions on stderr, so that stdout can be piped meanwhile; null if stdin is not a terminal. */
export function terminalQuestions(): Questions | null {
  if (!isatty(STDIN)) return null;
  return {
    async confirm(question) {
      return /^y(?:es)?$/i.test((await askLine(`${oneLine(question)} [y/N] `))?.trim() ?? '');
    },
    ask: (question) => askLine(`${oneLine(question)} `),
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
