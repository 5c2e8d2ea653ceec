import type { Command } from 'commander';
import { currentSession } from '../../sessions/resolve/current.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { fullRecords } from '../../usage/full-records.js';
import type { Context } from '../context.js';
import { formatUsd } from '../render/money.js';
import { timeLeft } from '../render/text/age.js';
import { toJson } from '../render/text/json.js';
import { shortPath } from '../render/text/path.js';
import { createCostCalculator, createPriceLoader } from '../shared/costs.js';
import { fieldsIn, formatLine, parseFormat, type LineFormat } from '../shared/status/line-format.js';
import { indexAround, namingOf } from '../shared/named-session.js';

/** Fields of `--format`. */
export const CURRENT_FIELDS = [
  'id',
  'id8',
  'title',
  'tag',
  'folder',
  'cwd',
  'branch',
  'kind',
  'model',
  'prompts',
  'cost',
  'status',
  'pid',
  'expires',
  'transcript',
] as const;
type CurrentField = (typeof CURRENT_FIELDS)[number];

/** The flags of `current`, as typed. */
export interface CurrentFlags {
  format?: string;
}

/** Options of `current`. */
export interface CurrentOptions {
  /** The line to print; null prints the id. */
  format: LineFormat<CurrentField> | null;
}

const SHORT_ID = 8;

/** `ccsess current`: prints the session of this shell, or the live one of this folder. */
export function define(command: Command, context: Context): void {
  command
    .option('--format <text>', `print this line, with fields in braces: ${CURRENT_FIELDS.join(', ')}`)
    .action((flags: CurrentFlags) => runCurrent(readCurrentOptions(flags, context), context));
}

/** Reads the flags of `current`. Throws USAGE for an invalid format, and for one together with `--json`. */
export function readCurrentOptions({ format }: CurrentFlags, { global }: Context): CurrentOptions {
  if (format !== undefined && global.json) throw new CcsessError('USAGE', '--json and --format cannot be combined.');
  return { format: format === undefined ? null : parseFormat(format, CURRENT_FIELDS) };
}

/**
 * Prints the session's id, a formatted line, or with `--json` its record; only the id if it has no transcript yet.
 * Throws NOT_FOUND or AMBIGUOUS.
 */
export async function runCurrent({ format }: CurrentOptions, context: Context): Promise<void> {
  const { stdout, env, global } = context;
  const index = await indexAround({ name: env['CLAUDE_CODE_SESSION_ID'], last: false }, context, { processes: true });
  const row = currentSession(index, await namingOf(index, context), context);
  if (format !== null)
    return stdout.write(`${formatLine(format, await valuesOf(index, row, fieldsIn(format), context))}\n`);
  if (typeof row === 'string') {
    const pending = { schemaVersion: 1, id: row, transcript: null };
    return stdout.write(`${global.json ? toJson(pending, stdout.isTerminal) : row}\n`);
  }
  if (!global.json) return stdout.write(`${row.file.id}\n`);
  await stdout.write(`${toJson((await fullRecords(index, [row], context.now()))[0], stdout.isTerminal)}\n`);
}

/**
 * Returns the values of the fields, all but the id null for a session without a transcript. The cost is computed only
 * if it is among `wanted`.
 */
async function valuesOf(
  index: SessionIndex,
  row: SessionRow | string,
  wanted: ReadonlySet<CurrentField>,
  context: Context,
): Promise<Record<CurrentField, string | number | null>> {
  const id = typeof row === 'string' ? row : row.file.id;
  const none = Object.fromEntries(CURRENT_FIELDS.map((field) => [field, null])) as Record<CurrentField, null>;
  if (typeof row === 'string') return { ...none, id, id8: id.slice(0, SHORT_ID) };
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw sessionGoneError(id);
  const { title, tag, cwd, gitBranch, kind, models, prompts, live, transcript } = record;
  const [usd = null] = wanted.has('cost')
    ? (await createCostCalculator(index, await createPriceLoader(undefined), context))([row])
    : [];
  return {
    id,
    id8: id.slice(0, SHORT_ID),
    title,
    tag,
    folder: cwd === null ? null : shortPath(cwd, context.home),
    cwd,
    branch: gitBranch,
    kind,
    model: models.at(-1) ?? null,
    prompts,
    cost: usd === null ? null : formatUsd(usd),
    status: live?.status ?? null,
    pid: live?.pid ?? null,
    expires: row.expiresMs === null || row.pinned ? null : timeLeft(row.expiresMs, context.now()),
    transcript,
  };
}
