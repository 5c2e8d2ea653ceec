import type { Command } from 'commander';
import { clearIndex, indexStatus, type IndexStatus } from '../../session-index/status.js';
import { screenOf } from '../shared/screen.js';
import type { Context } from '../context.js';
import { parseChoice } from '../../grammar/choice.js';
import { toJson } from '../render/text/json.js';
import { shortPath } from '../render/text/path.js';
import { tabbed } from '../render/text/pipe.js';
import { formatSize } from '../render/text/size.js';
import { printSentences } from '../shared/print-sentences.js';
import { isoTime } from '../../system/time.js';

const ACTIONS = ['status', 'clear'] as const;

/** Options of `index`. */
export interface IndexOptions {
  /** `status` prints the index's path, size and age; `clear` deletes it. */
  action: (typeof ACTIONS)[number];
}

/** `ccsess index`: shows or clears the index. */
export function define(command: Command, context: Context): void {
  command
    .argument(
      '[action]',
      'status (default): print its path, size and age; clear: delete it (the next command rebuilds it)',
    )
    .action((action: string | undefined) => runIndex(readIndexOptions(action), context));
}

/** Reads the argument of `index`. Throws USAGE for an unknown action. */
export function readIndexOptions(action: string = 'status'): IndexOptions {
  return { action: parseChoice(action, ACTIONS, 'index') };
}

/** Prints the state of the index, or deletes it. */
export function runIndex({ action }: IndexOptions, context: Context): Promise<void> {
  return action === 'clear' ? clear(context) : status(context);
}

/** Prints the state of the index of each config dir: as a table on a terminal, lines in a pipe, or JSON. */
async function status(context: Context): Promise<void> {
  const { stdout, global, cacheDir, configDirs } = context;
  const found = indexStatus(cacheDir, configDirs);
  if (global.json) return stdout.write(`${toJson(found.map(toData), stdout.isTerminal)}\n`);
  if (!stdout.isTerminal) return stdout.write(found.map(line).join(''));
  const { indexLines } = await import('../render/index-status.js');
  await printSentences(await indexLines(found, screenOf(context)), context);
}

/** Deletes the index and prints the freed bytes. */
async function clear(context: Context): Promise<void> {
  const { stdout, global, cacheDir, configDirs, home } = context;
  const freedBytes = clearIndex(cacheDir, configDirs);
  if (global.json) return stdout.write(`${toJson({ schemaVersion: 1, cacheDir, freedBytes }, stdout.isTerminal)}\n`);
  await printSentences(
    [`Cleared the index in ${shortPath(cacheDir, home)}: ${formatSize(freedBytes)} freed.`],
    context,
  );
}

function toData({ configDir, cacheDir, sessions, bytes, filterBytes, writtenMs }: IndexStatus): object {
  return { schemaVersion: 1, configDir, cacheDir, sessions, bytes, filterBytes, writtenAt: isoTime(writtenMs) };
}

function line({ configDir, cacheDir, sessions, bytes, writtenMs }: IndexStatus): string {
  return tabbed([configDir, cacheDir, sessions, bytes, isoTime(writtenMs)]);
}
