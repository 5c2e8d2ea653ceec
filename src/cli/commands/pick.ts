import type { Command } from 'commander';
import { parseChoice } from '../../grammar/choice.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { fullRecords } from '../../usage/full-records.js';
import type { HostTerminal } from '../../tui/host.js';
import type { Context } from '../context.js';
import { jsonArray } from '../render/text/json.js';
import { noteNoSessions } from '../shared/notes.js';
import { pickPaths, requireTerminal } from '../picker/pick-sessions.js';
import { resumeOptions, runResume } from './resume.js';
import { printPieces } from '../shared/print-sentences.js';

/** The flags of `pick`, as typed. */
export interface PickFlags {
  sort?: string;
}

/** Options of `pick`. */
export interface PickOptions {
  /** Initial filter; empty for none. */
  query: string;
  /** Order of the sessions; default: activity. */
  order: (typeof ORDERS)[number];
}

const ORDERS = ['activity', 'size', 'cost'] as const;
const NO_TERMINAL = 'the picker needs a terminal with cursor movement: use ccsess list.';

/** `ccsess pick`: chooses sessions interactively and prints their ids. */
export function define(command: Command, context: Context): void {
  command
    .argument('[text...]', 'words to filter by at the start')
    .option('--sort <key>', `sort by: ${ORDERS.join(', ')} (default: activity)`)
    .action((words: string[], flags: PickFlags) => runPick(readPickOptions(words, flags), context));
}

/** Reads the arguments and flags of `pick`. Throws USAGE for an unknown order. */
export function readPickOptions(words: readonly string[], { sort }: PickFlags): PickOptions {
  return { query: words.join(' '), order: sort === undefined ? 'activity' : parseChoice(sort, ORDERS, '--sort') };
}

/**
 * Prints the ids of the chosen sessions, one per line, or with `--json` their records. Throws USAGE without a terminal,
 * and as `pickPaths`.
 */
export async function runPick({ query, order }: PickOptions, context: Context): Promise<void> {
  const { stdout, global, now } = context;
  const terminal = await requireTerminal(NO_TERMINAL, context);
  const index = await context.openIndex();
  const request = { index, name: 'pick', verb: 'choose', several: true, canChange: true, query };
  const paths = await pickPaths({ ...request, order, isEverywhere: false }, terminal, context);
  // Sessions may have been forked or removed in the picker meanwhile.
  const after = await context.openIndex();
  const rows = paths.flatMap((path) => after.rows.find(({ file }) => file.path === path) ?? []);
  if (global.json) await printPieces(jsonArray(await fullRecords(after, rows, now()), stdout.isTerminal), context);
  else await stdout.write(rows.map(({ file }) => `${file.id}\n`).join(''));
}

/**
 * Opens the picker of `ccsess` without a command, and resumes the chosen session in Claude Code. Throws as `pickPaths`
 * and `runResume`.
 */
export async function browse(query: string, terminal: HostTerminal, context: Context): Promise<void> {
  const index: SessionIndex = await context.openIndex();
  if (index.rows.length === 0 && index.problems.length === 0) return noteNoSessions(index.problems, context);
  const request = { index, name: '', verb: 'resume', several: false, canChange: true, query };
  const isEverywhere = query !== '';
  const [path] = await pickPaths({ ...request, order: 'activity', isEverywhere }, terminal, context);
  if (path !== undefined) await runResume(resumeOptions(path), context);
}
