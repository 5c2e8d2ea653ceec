import type { Output } from '../context.js';
import { formatSize } from '../render/text/size.js';

const SHOW_AFTER_MS = 1000;
const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** A line on stderr with the progress of reading, from the first second until the end. */
export interface Progress {
  report(done: number, total: number): void;
  /** Clears the line. */
  end(): Promise<void>;
}

/**
 * Starts a progress line; null without a terminal. `describe` returns its text, by default the bytes of transcripts
 * that were read.
 */
export function startProgress(
  stderr: Output,
  now: () => number,
  interactive: boolean,
  describe = readSoFar,
): Progress | null {
  if (!stderr.isTerminal || !interactive) return null;
  let next = now() + SHOW_AFTER_MS;
  let shown = false;
  return {
    report(done, total) {
      if (now() < next) return;
      next = now() + EVERY_MS;
      shown = true;
      void stderr.write(CLEAR_LINE + describe(done, total));
    },
    async end() {
      if (shown) await stderr.write(CLEAR_LINE);
    },
  };
}

function readSoFar(done: number, total: number): string {
  return `Reading transcripts: ${formatSize(done)} of ${formatSize(total)}`;
}
