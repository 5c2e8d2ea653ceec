import type { Context } from '../../context.js';
import { batches } from '../../render/text/json.js';

/** Prints lines; on a terminal through the pager if they are more than fit on the screen. */
export async function printLines(lines: Iterable<string>, context: Context): Promise<void> {
  const source = lines[Symbol.iterator]();
  const rest: Iterable<string> = { [Symbol.iterator]: () => source };
  if (!context.stdout.isTerminal) return write(rest, context);
  const first: string[] = [];
  // One row is for the shell's next line.
  while (first.length < context.height) {
    const next = source.next();
    if (next.done === true) return write(first, context);
    first.push(next.value);
  }
  await context.page(chunksOf(first, rest));
}

/** Prints text that comes as groups of lines. */
export function printGroups(groups: Iterable<readonly string[]>, context: Context): Promise<void> {
  return context.stdout.isTerminal ? printLines(linesOf(groups), context) : write(joined(groups), context);
}

function* linesOf(groups: Iterable<readonly string[]>): Generator<string> {
  for (const group of groups) yield* group;
}

/** One text a group: far cheaper than a step for each line. */
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
