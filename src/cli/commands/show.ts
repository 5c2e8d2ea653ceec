import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { maskSecretsIn } from '../../redaction/mask-secrets.js';
import { readMessageEntries, type MessageEntry, type MessageSelection } from '../../transcript/messages/messages.js';
import type { Context } from '../context.js';
import { pricesOf } from '../shared/costs.js';
import { addSessionArgument, indexAround, namedSession, shortIdOf } from '../shared/named-session.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseCount, parseWhole } from '../../grammar/count.js';
import { messageLines } from '../render/message-json.js';
import { showJson } from '../render/show-json.js';
import { shortPath } from '../render/text/path.js';
import type { PageScreen } from '../render/text/screen.js';
import { begun } from '../shared/show/begun.js';
import { printPage } from '../shared/show/print-page.js';
import { redactedEntries } from '../shared/show/redacted.js';
import { followPage } from '../shared/show/follow.js';
import { showContext } from '../shared/show/show-context.js';
import { showFiles, showRaw } from '../shared/show/show-files.js';
import { pageHeader } from '../shared/show/show-page.js';
import { costedRecord, recordOf, shownOf } from '../shared/show/shown.js';
import type { Conversation } from '../shared/show/viewer-source.js';

/** The flags of `show`, as written. */
export interface ShowFlags {
  last?: boolean;
  messages?: string;
  head?: string;
  tail?: string;
  at?: string;
  tools?: boolean;
  thinking?: boolean;
  subagent?: string;
  raw?: boolean;
  files?: boolean;
  prices?: string;
  jsonl?: boolean;
  redact?: boolean;
  pager?: string | false;
  context?: boolean;
  follow?: boolean;
}

/** Pairs of flags that contradict each other. */
const EXCLUSIVE: readonly (readonly [keyof ShowFlags, keyof ShowFlags])[] = [
  ['raw', 'files'],
  ['head', 'tail'],
  ['at', 'tail'],
  ['at', 'raw'],
  ['at', 'files'],
  ['raw', 'redact'],
  ['raw', 'follow'],
  ['files', 'follow'],
  ['head', 'follow'],
  ['context', 'follow'],
  ['context', 'raw'],
  ['context', 'files'],
  ['context', 'jsonl'],
  ['context', 'head'],
  ['context', 'tail'],
  ['context', 'at'],
];

/** `ccsess show`: a session as a page. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option(
      '--messages <which>',
      'active: the active branch, as after a resume (default); all: every message of the transcript',
    )
    .option('--head <n>', 'only the first <n> messages')
    .option('--tail <n>', 'only the last <n> messages')
    .option('--at <n>', 'begin at prompt <n>')
    .option('--tools', 'print tool inputs and results in full')
    .option('--thinking', 'print thinking')
    .option('--subagent <id>', "print a subagent's conversation instead")
    .option('--context', 'print what fills the context window instead: by kind, tool and file')
    .option('-f, --follow', 'show new messages as they are written (Ctrl-C ends)')
    .option('--raw', 'print the lines of the transcript unchanged')
    .option('--files', "print the session's files instead")
    .option('--prices <file>', 'take prices from a JSON file')
    .option('--jsonl', 'print one message per line, as JSON')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('--pager <command>', 'show a long page through this pager (default: $CCSESS_PAGER, else the viewer)')
    .option('--no-pager', 'print a page of any length')
    .action((name: string | undefined, flags: ShowFlags) => show(name, flags, context));
}

/**
 * Prints a page, or shows it in the viewer where it is longer than the screen, or prints JSON. Throws usage errors and as
 * `resolveSession`.
 */
export async function show(name: string | undefined, flags: ShowFlags, context: Context): Promise<void> {
  const selection = selectionOf(flags);
  for (const [one, other] of EXCLUSIVE) {
    if (flags[one] !== undefined && flags[other] !== undefined)
      throw new CcsessError('USAGE', `--${one} and --${other} cannot be combined.`);
  }
  if (context.global.json && flags.raw === true) throw new CcsessError('USAGE', '--raw and --json cannot be combined.');
  if (context.global.json && flags.follow === true)
    throw new CcsessError('USAGE', '--follow and --json cannot be combined: pass --jsonl for a message per line.');
  const prices = await pricesOf(flags.prices);
  const end = endOfTranscript(name, flags, context);
  if (end !== null) {
    const id = name ?? '';
    const header = ({ home }: PageScreen): string[] => [shortPath(end, home)];
    return showPage(end, selection, { title: id, id, header, cwd: null }, flags, context);
  }
  const index = await indexAround(name, flags.last === true, context, { processes: true });
  const row = await namedSession(index, name, flags.last === true, context);
  const shown = shownOf(index, row, flags.subagent);
  if (flags.files === true)
    return showFiles(shown, context, async () => (await costedRecord(shown, prices, context)).record);
  if (flags.raw === true) return showRaw(shown, selection, context);
  if (flags.context === true) {
    const { record } = await costedRecord(shown, prices, context);
    return showContext({ path: shown.path, sidechains: shown.agentId !== null, record }, context);
  }
  const thread = { ...selection, sidechains: shown.agentId !== null };
  if (flags.jsonl === true && flags.follow !== true)
    return print(messageLines(begun(entriesOf(shown.path, thread, flags))), context);
  if (context.global.json) {
    const messages = begun(entriesOf(shown.path, thread, flags));
    const { record } = await costedRecord(shown, prices, context);
    return print(
      showJson(flags.redact === true ? maskSecretsIn(record) : record, messages, context.stdout.isTerminal),
      context,
    );
  }
  const facts =
    shown.agentId === null ? await costedRecord(shown, prices, context) : { record: recordOf(shown), costs: null };
  const { id, cwd } = facts.record;
  const header = pageHeader({ shown, ...facts, isRedacted: flags.redact === true });
  return showPage(shown.path, thread, { title: shortIdOf(index, row), id, header, cwd }, flags, context);
}

/** Prints the page or shows it in the viewer, and forks the session where the reader asked for that. */
async function showPage(
  path: string,
  selection: MessageSelection,
  { cwd, ...head }: Pick<Conversation, 'title' | 'id' | 'header'> & { cwd: string | null },
  { tools = false, thinking = false, redact = false, follow = false, jsonl = false, pager }: ShowFlags,
  context: Context,
): Promise<void> {
  const conversation = { ...head, folders: { cwd, home: context.home }, isRedacted: redact };
  const request = { path, selection, conversation, tools, thinking, follow, pager };
  if (follow && jsonl) return followPage(request, true, context);
  const result = await printPage(request, context);
  if (result?.type === 'interrupted') context.setExitCode(130);
  if (result?.type !== 'fork') return;
  const { forkOptions, runFork } = await import('./fork.js');
  return runFork(forkOptions(path, { at: String(result.prompt) }), context);
}

function selectionOf({ messages, head, tail, at }: ShowFlags): MessageSelection {
  return {
    which: messages === undefined ? 'active' : parseChoice(messages, ['active', 'all'], '--messages'),
    ...(head === undefined ? {} : { head: parseCount(head, '--head') }),
    ...(tail === undefined ? {} : { tail: parseCount(tail, '--tail') }),
    ...(at === undefined ? {} : { from: parseWhole(at, '--at', 1) }),
  };
}

/**
 * The transcript of which the page's end is asked for by a full id: it needs no index, so that it is there at once
 * whatever else is on disk. Null where more is asked for, or where the id alone does not say which transcript.
 */
function endOfTranscript(name: string | undefined, flags: ShowFlags, { configDirs, global }: Context): string | null {
  const more = [flags.subagent, flags.raw, flags.files, flags.jsonl, flags.last, flags.context].some(
    (flag) => flag !== undefined,
  );
  if (name === undefined || flags.tail === undefined || more || global.json) return null;
  const [only, another] = findTranscripts(configDirs, name);
  return only === undefined || another !== undefined ? null : only;
}

/** The messages, with secrets masked if that was asked for. */
function entriesOf(path: string, selection: MessageSelection, { redact }: ShowFlags): Iterable<MessageEntry> {
  const items = readMessageEntries(path, selection);
  return redact === true ? redactedEntries(items) : items;
}

async function print(pieces: Iterable<string>, { stdout }: Context): Promise<void> {
  for (const piece of pieces) await stdout.write(piece);
}
