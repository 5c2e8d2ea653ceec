import type { Context } from '../../context.js';
import { batches } from '../../render/text/json.js';

/** Shows a page that is longer than the screen, given its first lines and the rest. */
export type LongPage = (first: readonly string[], rest: Iterable<string>) => Promise<void>;

/** Prints lines; on a terminal, more lines than fit on the screen are shown through the pager or by `showLong`. */
export async function printLines(lines: Iterable<string>, context: Context, showLong?: LongPage): Promise<void> {
  const source = lines[Symbol.iterator]();
  const rest: Iterable<string> = { [Symbol.iterator]: () => source };
  if (!context.stdout.isTerminal) return write(rest, context);
  const first: string[] = [];
  // One row is for the shell's next prompt.
  while (first.length < context.height) {
    const next = source.next();
    if (next.done === true) return write(first, context);
    first.push(next.value);
  }
  await (showLong === undefined ? context.page(chunksOf(first, rest)) : showLong(first, rest));
}

/** Prints groups of lines as `printLines` does. */
export function printGroups(groups: Iterable<readonly string[]>, context: Context, showLong?: LongPage): Promise<void> {
  return context.stdout.isTerminal ? printLines(linesOf(groups), context, showLong) : write(joined(groups), context);
}

/** Prints a page of any length without paging. */
export async function printAll(first: readonly string[], rest: Iterable<string>, context: Context): Promise<void> {
  await write(first, context);
  await write(rest, context);
}

/** Shows a page through a pager: the given command, or the user's default. */
export function pageThrough(
  first: readonly string[],
  rest: Iterable<string>,
  context: Context,
  command?: string,
): Promise<void> {
  return context.page(chunksOf(first, rest), command);
}

function* linesOf(groups: Iterable<readonly string[]>): Generator<string> {
  for (const group of groups) yield* group;
}

/** Joins each group into one text, which is far cheaper than a step per line. */
function* joined(groups: Iterable<readonly string[]>): Generator<string> {
  for (const group of groups) if (group.length > 0) yield group.join('\n');
}

async function write(lines: Iterable<string>, { stdout }: Context): Promise<void> {
  for (const piece of batches(withNewlines(lines))) await stdout.write(piece);
}

async function* chunksOf(first: readonly string[], rest: Iterable<string>): AsyncGenerator<string> {
  yield* withNewlines(first);
  yield* batches(withNewlines(rest));
}

function* withNewlines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
