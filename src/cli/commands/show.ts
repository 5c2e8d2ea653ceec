import type { Command } from 'commander';
import { CcsessError, INTERRUPTED } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { maskSecretsIn } from '../../redaction/mask-secrets.js';
import { readMessageEntries, type MessageEntry, type MessageSelection } from '../../transcript/messages/messages.js';
import type { Context } from '../context.js';
import { createPriceLoader, type PriceLoader } from '../shared/costs.js';
import {
  addSessionArgument,
  indexAround,
  namedSession,
  readSession,
  shortIdOf,
  type LastFlag,
  type SessionOption,
} from '../shared/named-session.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseWhole } from '../../grammar/count.js';
import { messageLines } from '../render/message-json.js';
import { showJson } from '../render/show-json.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';
import type { PageScreen } from '../render/text/screen.js';
import { withFirstRead } from '../shared/show/first-read.js';
import { printPage } from '../shared/show/print-page.js';
import { redactedEntries } from '../shared/show/redacted.js';
import { followPage } from '../shared/show/follow.js';
import { showContext } from '../shared/show/show-context.js';
import { showFiles, showRaw } from '../shared/show/show-files.js';
import { pageHeader, viewerTitle } from '../shared/show/show-page.js';
import { costedRecord, recordOf, findShown } from '../shared/show/shown.js';
import type { Conversation } from '../shared/show/viewer-source.js';
import { printPieces } from '../shared/print-sentences.js';
import { keepYoungSpaceSmall } from '../tune.js';

/** The flags of `show`, as typed. */
export interface ShowFlags extends LastFlag {
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

/** Options of `show`. */
export interface ShowOptions extends SessionOption {
  /** Messages to show; default: all of the active branch. */
  selection: MessageSelection;
  /**
   * `messages` shows the conversation, `context` what fills its context window, `files` its files, `raw` its lines
   * unchanged.
   */
  view: 'messages' | 'context' | 'files' | 'raw';
  /** Id of a subagent whose conversation is shown instead, or the start of it; null for the session's own. */
  subagent: string | null;
  /** Print tool inputs and results in full. */
  tools: boolean;
  /** Print thinking. */
  thinking: boolean;
  /** Mask secrets of well-known formats. */
  redact: boolean;
  /** Show new messages as they are written. */
  follow: boolean;
  /** Print one message per line, as JSON. */
  jsonl: boolean;
  prices: PriceLoader;
  /** Command line of the pager for a long page; false for none, undefined for the viewer or the default pager. */
  pager: string | false | undefined;
}

/** Pairs of flags that cannot be combined. */
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

/** `ccsess show`: shows a session and its conversation. */
export function define(command: Command, context: Context): void {
  addSessionArgument(command)
    .option(
      '--messages <which>',
      'active: the messages that Claude Code loads when it resumes the session (default); all: every message',
    )
    .option('--head <n>', 'only the first <n> messages')
    .option('--tail <n>', 'only the last <n> messages')
    .option('--at <n>', 'begin at prompt <n>')
    .option('--tools', 'print tool inputs and results in full')
    .option('--thinking', 'print thinking')
    .option('--subagent <id>', "print a subagent's conversation instead")
    .option('--context', 'print what fills the context window instead: by kind, tool and file')
    .option('-f, --follow', 'show new messages as they are written (Ctrl-C ends)')
    .option('--raw', 'print the lines of the transcript unchanged instead')
    .option('--files', "print the paths and sizes of the session's own files instead")
    .option('--prices <file>', 'take prices from a JSON file')
    .option('--jsonl', 'print one message per line, as JSON')
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('--pager <command>', 'show long output in this pager (default: $CCSESS_PAGER, else the built-in viewer)')
    .option('--no-pager', 'print long output directly')
    .action(async (name: string | undefined, flags: ShowFlags) =>
      runShow(await readShowOptions(name, flags, context), context),
    );
}

/**
 * Reads the argument and flags of `show`, and the file of `--prices`. Throws USAGE for invalid values and for flags
 * that cannot be combined.
 */
export async function readShowOptions(
  name: string | undefined,
  flags: ShowFlags,
  { global }: Context,
): Promise<ShowOptions> {
  const selection = selectionOf(flags);
  for (const [one, other] of EXCLUSIVE) {
    if (flags[one] !== undefined && flags[other] !== undefined)
      throw new CcsessError('USAGE', `--${one} and --${other} cannot be combined.`);
  }
  if (global.json && flags.raw === true) throw new CcsessError('USAGE', '--raw and --json cannot be combined.');
  if (global.json && flags.follow === true)
    throw new CcsessError('USAGE', '--follow and --json cannot be combined: pass --jsonl for a message per line.');
  const { tools = false, thinking = false, redact = false, follow = false, jsonl = false, pager } = flags;
  return {
    ...readSession(name, flags),
    selection,
    view: flags.files === true ? 'files' : flags.raw === true ? 'raw' : flags.context === true ? 'context' : 'messages',
    subagent: flags.subagent ?? null,
    tools,
    thinking,
    redact,
    follow,
    jsonl,
    prices: await createPriceLoader(flags.prices),
    pager,
  };
}

/**
 * Prints a page or JSON, or opens the viewer if the page is longer than the screen. Throws as `namedSession`, and
 * NOT_FOUND for a missing subagent or prompt.
 */
export async function runShow(options: ShowOptions, context: Context): Promise<void> {
  const { selection, view, redact, prices } = options;
  const end = endOfTranscript(options, context);
  if (end !== null) {
    const id = options.name ?? '';
    const header = ({ home }: PageScreen): string[] => [shortPath(end, home)];
    return showPage(end, selection, { title: id, id, header, cwd: null, next: null }, options, context);
  }
  const index = await indexAround(options, context, { processes: true });
  const row = await namedSession(index, options, context);
  const shown = findShown(index, row, options.subagent);
  keepYoungSpaceSmall(row.file.stamp.size);
  if (view === 'files')
    return showFiles(shown, context, async () => (await costedRecord(shown, prices, context)).record);
  if (view === 'raw') return showRaw(shown, selection, context);
  if (view === 'context') {
    const { record } = await costedRecord(shown, prices, context);
    return showContext({ path: shown.path, sidechains: shown.agentId !== null, record }, context);
  }
  const thread = { ...selection, sidechains: shown.agentId !== null };
  if (options.jsonl && !options.follow)
    return printPieces(messageLines(withFirstRead(entriesOf(shown.path, thread, redact))), context);
  if (context.global.json) {
    const messages = withFirstRead(entriesOf(shown.path, thread, redact));
    const { record } = await costedRecord(shown, prices, context);
    return printPieces(showJson(redact ? maskSecretsIn(record) : record, messages, context.stdout.isTerminal), context);
  }
  const facts =
    shown.agentId === null ? await costedRecord(shown, prices, context) : { record: recordOf(shown), costs: null };
  const { id, cwd } = facts.record;
  const header = pageHeader({ shown, ...facts, isRedacted: redact });
  const shortId = shortIdOf(index, row);
  const title = viewerTitle(shown.agentId === null ? facts.record : null, redact) || shortId;
  const isNext = shown.agentId === null && row.resumable && row.live === null;
  const next = isNext ? `${context.invocation} resume ${sanitize(shortId)}` : null;
  return showPage(shown.path, thread, { title, id, header, cwd, next }, options, context);
}

/** Prints the page or opens the viewer, and forks the session if the reader requested it. */
async function showPage(
  path: string,
  selection: MessageSelection,
  { cwd, next, ...head }: Pick<Conversation, 'title' | 'id' | 'header'> & { cwd: string | null; next: string | null },
  { tools, thinking, redact, follow, jsonl, pager }: ShowOptions,
  context: Context,
): Promise<void> {
  const conversation = { ...head, folders: { cwd, home: context.home }, isRedacted: redact };
  const request = { path, selection, conversation, tools, thinking, follow, pager, next };
  if (follow && jsonl) return followPage(request, true, context);
  const result = await printPage(request, context);
  if (result?.type === 'interrupted') context.setExitCode(INTERRUPTED);
  if (result?.type !== 'fork') return;
  const { forkOptions, runFork } = await import('./fork.js');
  return runFork(forkOptions(path, { at: String(result.prompt) }), context);
}

function selectionOf({ messages, head, tail, at }: ShowFlags): MessageSelection {
  return {
    which: messages === undefined ? 'active' : parseChoice(messages, ['active', 'all'], '--messages'),
    ...(head === undefined ? {} : { head: parseWhole(head, '--head', 0) }),
    ...(tail === undefined ? {} : { tail: parseWhole(tail, '--tail', 0) }),
    ...(at === undefined ? {} : { from: parseWhole(at, '--at', 1) }),
  };
}

/**
 * Returns the transcript for `show <full id> --tail`, which needs no index and is thus printed at once. Null if more is
 * needed, or if several transcripts have the id.
 */
function endOfTranscript(options: ShowOptions, { configDirs, global }: Context): string | null {
  const { name, selection, view, subagent, jsonl } = options;
  if (name === undefined || selection.tail === undefined || global.json) return null;
  if (view !== 'messages' || subagent !== null || jsonl) return null;
  const [only, another] = findTranscripts(configDirs, name);
  return only === undefined || another !== undefined ? null : only;
}

/** Returns the messages, with secrets masked if `redact` is set. */
function entriesOf(path: string, selection: MessageSelection, redact: boolean): Iterable<MessageEntry> {
  const items = readMessageEntries(path, selection);
  return redact ? redactedEntries(items) : items;
}
