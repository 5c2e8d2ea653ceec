import type { Command } from 'commander';
import { clearIndex, indexStatus, type IndexStatus } from '../../session-index/status.js';
import type { Context } from '../context.js';
import { parseChoice } from '../../grammar/choice.js';
import { formatAge } from '../render/text/age.js';
import { toJson } from '../render/text/json.js';
import { counted } from '../render/text/number.js';
import { shortPath } from '../render/text/path.js';
import { tabbed } from '../render/text/pipe.js';
import { formatSize } from '../render/text/size.js';

const ACTIONS = ['status', 'clear'] as const;

/** `ccsess index`: the cache of what was read. */
export function define(command: Command, context: Context): void {
  command
    .argument(
      '[action]',
      'status: print its path, size and age; clear: delete it (it is rebuilt by the next command)',
      'status',
    )
    .action((action: string) => (parseChoice(action, ACTIONS, 'index') === 'clear' ? clear(context) : status(context)));
}

/** Prints the state of each config dir's cache: a sentence on a terminal, a line of a pipe, or JSON. */
export async function status(context: Context): Promise<void> {
  const { stdout, global, cacheDir, configDirs } = context;
  const found = indexStatus(cacheDir, configDirs);
  if (global.json) return stdout.write(`${toJson(found.map(toData), stdout.isTerminal)}\n`);
  const lines = found.map((one) => (stdout.isTerminal ? sentence(one, context) : line(one)));
  await stdout.write(lines.join(''));
}

/** Removes the caches and says how much that freed. */
export async function clear({ stdout, global, cacheDir, configDirs, home }: Context): Promise<void> {
  const freedBytes = clearIndex(cacheDir, configDirs);
  if (global.json) return stdout.write(`${toJson({ schemaVersion: 1, cacheDir, freedBytes }, stdout.isTerminal)}\n`);
  await stdout.write(`Cleared the index in ${shortPath(cacheDir, home)}: ${formatSize(freedBytes)} freed.\n`);
}

function toData({ configDir, cacheDir, sessions, bytes, writtenMs }: IndexStatus): object {
  return { schemaVersion: 1, configDir, cacheDir, sessions, bytes, writtenAt: isoTime(writtenMs) };
}

function line({ configDir, cacheDir, sessions, bytes, writtenMs }: IndexStatus): string {
  return tabbed([configDir, cacheDir, sessions, bytes, isoTime(writtenMs)]);
}

function sentence({ configDir, cacheDir, sessions, bytes, writtenMs }: IndexStatus, { home, now }: Context): string {
  const of = `Index of ${shortPath(configDir, home)} in ${shortPath(cacheDir, home)}: `;
  if (writtenMs === null) return `${of}none yet; the next command that reads sessions makes it.\n`;
  const age = formatAge(writtenMs, now());
  const holds = sessions === null ? 'not usable, it will be made anew' : counted(sessions, 'session');
  return `${of}${holds} · ${formatSize(bytes)} · written ${age}${/^\d+[mhdw]$/.test(age) ? ' ago' : ''}\n`;
}

function isoTime(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}
