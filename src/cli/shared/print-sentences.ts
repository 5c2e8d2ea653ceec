import type { Context } from '../context.js';

/** Prints pieces of text to stdout as they are, each made when there is room for it. */
export async function printPieces(pieces: Iterable<string>, { stdout }: Pick<Context, 'stdout'>): Promise<void> {
  for (const piece of pieces) await stdout.write(piece);
}

/** Prints lines to stdout: on a terminal wrapped between words, paths after a `/`; in a pipe as they are. */
export async function printSentences(
  lines: readonly string[],
  { stdout, width }: Pick<Context, 'stdout' | 'width'>,
): Promise<void> {
  const isLong = stdout.isTerminal && lines.some(({ length }) => length > width);
  // Most lines fit, and the module that measures text takes its time to load.
  const fitting = isLong ? (await import('../render/text/wrap.js')).wrapLines(lines, width) : lines;
  if (fitting.length > 0) await stdout.write(`${fitting.join('\n')}\n`);
}
