import type { Context } from '../context.js';

/** Prints pieces of text to stdout unchanged; each is created when the output is ready for it. */
export async function printPieces(pieces: Iterable<string>, { stdout }: Pick<Context, 'stdout'>): Promise<void> {
  for (const piece of pieces) await stdout.write(piece);
}

/** Prints lines to stdout: on a terminal wrapped between words, and in paths after a `/`; in a pipe unchanged. */
export async function printSentences(
  lines: readonly string[],
  { stdout, width }: Pick<Context, 'stdout' | 'width'>,
): Promise<void> {
  const isLong = stdout.isTerminal && lines.some(({ length }) => length > width);
  // Most lines fit, and loading the module that measures text takes time.
  const fitting = isLong ? (await import('../render/text/wrap.js')).wrapLines(lines, width) : lines;
  if (fitting.length > 0) await stdout.write(`${fitting.join('\n')}\n`);
}
