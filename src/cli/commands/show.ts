import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { footprint } from '../../claude/layout.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { lineageOf } from '../../sessions/select/lineage.js';
import { readMessageEntries, type MessageEntry, type MessageSelection } from '../../transcript/messages/messages.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import type { Context } from '../context.js';
import { costedRecords, pricesOf, type CostedRecord, type PriceTeller } from '../shared/costs.js';
import { addSessionArgument, indexAround, namedSession } from '../shared/named-session.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseCount } from '../../grammar/count.js';
import { conversationLines } from '../render/conversation.js';
import { messageLines } from '../render/message-json.js';
import { UNBROKEN } from '../render/text/fit.js';
import { shortPath } from '../render/text/path.js';
import type { PageScreen } from '../render/text/screen.js';
import { headerLines } from '../render/show.js';
import { showJson } from '../render/show-json.js';
import { printGroups } from '../shared/show/show-output.js';
import { showFiles, showRaw, type Shown } from '../shared/show/show-files.js';

/** The flags of `show`, as written. */
export interface ShowFlags {
  last?: boolean;
  messages?: string;
  head?: string;
  tail?: string;
  tools?: boolean;
  thinking?: boolean;
  subagent?: string;
  raw?: boolean;
  files?: boolean;
  prices?: string;
  jsonl?: boolean;
}

/** `ccsess show`: a session as a page. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option(
      '--messages <which>',
      'active: the active branch, as after a resume (default); all: every message of the transcript',
    )
    .option('--head <n>', 'only the first <n> messages')
    .option('--tail <n>', 'only the last <n> messages')
    .option('--tools', 'print tool inputs and results in full')
    .option('--thinking', 'print thinking')
    .option('--subagent <id>', "print a subagent's conversation instead")
    .option('--raw', 'print the lines of the transcript unchanged')
    .option('--files', "print the session's files instead")
    .option('--prices <file>', 'take prices from a JSON file')
    .option('--jsonl', 'print one message per line, as JSON')
    .action((name: string | undefined, flags: ShowFlags) => show(name, flags, context));
}

/**
 * Prints a page (through the pager where it is longer than the screen), or JSON. Throws usage errors and as
 * `resolveSession`.
 */
export async function show(name: string | undefined, flags: ShowFlags, context: Context): Promise<void> {
  const selection = selectionOf(flags);
  if (flags.raw === true && flags.files === true)
    throw new CcsessError('USAGE', '--raw and --files cannot be combined.');
  if (context.global.json && flags.raw === true) throw new CcsessError('USAGE', '--raw and --json cannot be combined.');
  const prices = await pricesOf(flags.prices);
  const end = endOfTranscript(name, flags, context);
  if (end !== null) return printGroups(endLines(end, selection, flags, await screenOf(context)), context);
  const index = await indexAround(name, flags.last === true, context, { processes: true });
  const row = await namedSession(index, name, flags.last === true, context);
  const shown: Shown = { row, index, ...transcriptOf(row, flags.subagent) };
  if (flags.files === true) return showFiles(shown, context, async () => (await costed(shown, prices, context)).record);
  if (flags.raw === true) return showRaw(shown, selection, context);
  const messages = (brief: boolean): Iterable<MessageEntry> =>
    readMessageEntries(shown.path, { ...selection, sidechains: shown.agentId !== null, brief });
  if (flags.jsonl === true) return print(messageLines(messages(false)), context);
  if (context.global.json) {
    const { record } = await costed(shown, prices, context);
    return print(showJson(record, messages(false), context.stdout.isTerminal), context);
  }
  // Costs and lineage are looked up among other sessions: not for a quick look at the end.
  const plain = flags.tail !== undefined || shown.agentId !== null;
  const page: Page = {
    shown,
    ...(plain ? { record: recordOf(shown), costs: null } : await costed(shown, prices, context)),
  };
  await printGroups(pageLines(page, flags, messages(flags.tools !== true), await screenOf(context)), context);
}

function selectionOf({ messages, head, tail }: ShowFlags): MessageSelection {
  return {
    which: messages === undefined ? 'active' : parseChoice(messages, ['active', 'all'], '--messages'),
    ...(head === undefined ? {} : { head: parseCount(head, '--head') }),
    ...(tail === undefined ? {} : { tail: parseCount(tail, '--tail') }),
  };
}

/**
 * The transcript of which the page's end is asked for by a full id: it needs no index, so that it is there at once
 * whatever else is on disk. Null where more is asked for, or where the id alone does not say which transcript.
 */
function endOfTranscript(name: string | undefined, flags: ShowFlags, { configDirs, global }: Context): string | null {
  const more = [flags.subagent, flags.raw, flags.files, flags.jsonl, flags.last].some((flag) => flag !== undefined);
  if (name === undefined || flags.tail === undefined || more || global.json) return null;
  const [only, another] = findTranscripts(configDirs, name);
  return only === undefined || another !== undefined ? null : only;
}

/** The end of a conversation under its file's name: figures of the whole session are left out. */
function* endLines(
  path: string,
  selection: MessageSelection,
  flags: ShowFlags,
  screen: PageScreen,
): Generator<string[]> {
  yield [shortPath(path, screen.home)];
  const options = { tools: flags.tools === true, thinking: flags.thinking === true, numbered: false };
  const messages = readMessageEntries(path, { ...selection, brief: flags.tools !== true });
  yield* conversationLines(messages, options, screen, { cwd: null, home: screen.home });
}

function transcriptOf(row: SessionRow, subagent: string | undefined): { path: string; agentId: string | null } {
  if (subagent === undefined) return { path: row.file.path, agentId: null };
  const wanted = subagent.replace(/^agent-/, '');
  const { agents } = row.file;
  const exact = agents.filter(({ agentId }) => agentId === wanted);
  const [only, another] = exact.length > 0 ? exact : agents.filter(({ agentId }) => agentId.startsWith(wanted));
  if (only !== undefined && another === undefined) return { path: only.path, agentId: only.agentId };
  const hint = agents.length === 0 ? 'it has none' : agents.map(({ agentId }) => agentId).join('\n');
  throw only === undefined
    ? new CcsessError('NOT_FOUND', `the session has no subagent '${subagent}'.`, { hint })
    : new CcsessError('AMBIGUOUS', `several subagents' ids begin with '${subagent}':`, { hint });
}

function recordOf({ index, row }: Shown): SessionRecord {
  const [record] = index.records([row], { footprint: true });
  if (record === undefined) throw new CcsessError('NOT_FOUND', `session ${row.file.id} is gone.`);
  return record;
}

async function costed(shown: Shown, prices: PriceTeller, context: Context): Promise<CostedRecord> {
  const [found] = await costedRecords(shown.index, [{ row: shown.row, record: recordOf(shown) }], prices, context);
  return found as CostedRecord;
}

async function print(pieces: Iterable<string>, { stdout }: Context): Promise<void> {
  for (const piece of pieces) await stdout.write(piece);
}

/** Facts that a page shows above the conversation. */
interface Page {
  shown: Shown;
  record: SessionRecord;
  costs: SessionCosts | null;
}

/** The page as groups of lines: header, then the conversation. In a pipe nothing is broken or cut. */
function* pageLines(
  { shown, record, costs }: Page,
  flags: ShowFlags,
  messages: Iterable<MessageEntry>,
  screen: PageScreen,
): Generator<string[]> {
  const { row, index, agentId } = shown;
  const lineage = flags.tail === undefined ? lineageOf(index, row, record) : [];
  yield agentId === null
    ? headerLines({ record, costs, footprint: footprint(row.file), lineage }, screen)
    : [`Subagent ${agentId} of ${record.id}`];
  // The first message of the end has an unknown number of prompts before it.
  const options = {
    tools: flags.tools === true,
    thinking: flags.thinking === true,
    numbered: flags.tail === undefined,
  };
  yield* conversationLines(messages, options, screen, { cwd: record.cwd, home: screen.home });
}

/** In a pipe nothing is measured, and what measures is not even loaded. */
async function screenOf({ stdout, width, color, home, now }: Context): Promise<PageScreen> {
  const common = { color, home, now: now() };
  if (!stdout.isTerminal) return { ...common, width: Infinity, fit: UNBROKEN };
  const { IN_COLUMNS } = await import('../render/text/wrap.js');
  return { ...common, width, fit: IN_COLUMNS };
}
