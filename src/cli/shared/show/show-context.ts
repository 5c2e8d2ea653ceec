import {
  contextUse,
  estimateTokens,
  type ContextUse,
  type TextAmount,
} from '../../../transcript/messages/context-use.js';
import { readMessageEntries, type MessageEntry } from '../../../transcript/messages/messages.js';
import type { SessionRecord } from '../../../session-index/record.js';
import type { Context } from '../../context.js';
import { toJson } from '../../render/text/json.js';
import { grouped } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';
import { tabbed } from '../../render/text/pipe.js';
import { oneLine } from '../../render/text/sanitize.js';
import { printLines } from './show-output.js';

/** Maximum number of rows for tools, and for files, on a terminal. */
const MAX_ROWS = 12;
/** A kind, tool or file with its amount of text in the live window and in the whole transcript. */
interface Share {
  name: string;
  window: TextAmount;
  whole: TextAmount;
}

/** The conversation of `show --context`. */
export interface ContextSubject {
  path: string;
  sidechains: boolean;
  record: SessionRecord;
}

/**
 * Prints what fills the context window by kind, tool and file: in the live window, and in the whole transcript. Tokens
 * are estimated from bytes, except those of the last response.
 */
export async function showContext({ path, sidechains, record }: ContextSubject, context: Context): Promise<void> {
  const { stdout, global, home } = context;
  const window = contextUse(readMessageEntries(path, { which: 'active', sidechains, brief: true }));
  const whole = contextUse(mainThread(readMessageEntries(path, { which: 'all', sidechains, brief: true }), sidechains));
  const sections = [
    { name: 'kinds', shares: sharesOf(window.kinds, whole.kinds) },
    { name: 'tools', shares: sharesOf(window.tools, whole.tools) },
    { name: 'files', shares: sharesOf(window.files, whole.files) },
  ];
  if (global.json) {
    const json = {
      schemaVersion: 1,
      session: record,
      window: totalsOf(window),
      whole: totalsOf(whole),
      ...Object.fromEntries(sections.map(({ name, shares }) => [name, shares.map(shareJson)])),
    };
    return stdout.write(`${toJson(json, stdout.isTerminal)}\n`);
  }
  if (!stdout.isTerminal) {
    const rows = sections.flatMap(({ name, shares }) =>
      shares.map((share) => tabbed([name, share.name, share.window.bytes, share.whole.bytes])),
    );
    return stdout.write(rows.join(''));
  }
  const { renderTable } = await import('../../render/text/table.js');
  const rows = sections.flatMap(({ name, shares }, at): (Share | null)[] => [
    ...(at === 0 ? [] : [null]),
    ...shares
      .slice(0, MAX_ROWS)
      .map((share) => (name === 'files' ? { ...share, name: shortPath(share.name, home) } : share)),
  ]);
  const cell = (text: (share: Share) => string) => (row: Share | null) => (row === null ? '' : text(row));
  const lines = await renderTable<Share | null>(
    [
      { heading: 'WHAT', cell: cell(({ name }) => oneLine(name)), shrink: 'start', minWidth: 12 },
      { heading: 'WINDOW', align: 'right', cell: cell((share) => tokensText(share.window)) },
      { heading: 'SHARE', align: 'right', cell: cell((share) => percentText(share.window, window)) },
      { heading: 'WHOLE', align: 'right', cell: cell((share) => tokensText(share.whole)) },
    ],
    rows,
    context,
  );
  const measured =
    window.measuredTokens === null
      ? []
      : [`Last response: ${grouped(window.measuredTokens)} tokens in all, with system prompt and tools.`];
  const images = window.images === 0 ? [] : [`Images in the window: ${grouped(window.images)} (not counted above).`];
  const inWhole = `${tokensOf(whole)} in the whole transcript`;
  const sum = `Messages: about ${tokensOf(window)} tokens in the live window, ${inWhole}.`;
  const { wrapLine } = await import('../../render/text/wrap.js');
  const sentences = [sum, ...measured, ...images].flatMap((line) => wrapLine(line, context.width));
  await printLines([...lines, '', ...sentences], context);
}

/** Yields the messages of the conversation itself, without those of subagents, which were never in its window. */
function* mainThread(entries: Iterable<MessageEntry>, sidechains: boolean): Generator<MessageEntry> {
  for (const entry of entries) if (sidechains || !entry.node.isSidechain) yield entry;
}

function sharesOf(window: ReadonlyMap<string, TextAmount>, whole: ReadonlyMap<string, TextAmount>): Share[] {
  const none = { bytes: 0, count: 0 };
  return [...new Set([...window.keys(), ...whole.keys()])]
    .map((name) => ({ name, window: window.get(name) ?? none, whole: whole.get(name) ?? none }))
    .sort((a, b) => b.window.bytes - a.window.bytes || b.whole.bytes - a.whole.bytes || (a.name < b.name ? -1 : 1));
}

function tokensOf({ total }: ContextUse): string {
  return grouped(estimateTokens(total.bytes));
}

function tokensText({ bytes }: TextAmount): string {
  return bytes === 0 ? '–' : `~${grouped(estimateTokens(bytes))}`;
}

function percentText({ bytes }: TextAmount, { total }: ContextUse): string {
  return bytes === 0 ? '' : `${Math.round((100 * bytes) / total.bytes)}%`;
}

function totalsOf({ total, images, measuredTokens }: ContextUse): object {
  const { bytes, count } = total;
  return { messages: count, textBytes: bytes, estimatedTokens: estimateTokens(bytes), images, measuredTokens };
}

function shareJson({ name, window, whole }: Share): object {
  const amount = ({ bytes, count }: TextAmount): object => ({
    textBytes: bytes,
    count,
    estimatedTokens: estimateTokens(bytes),
  });
  return { name, window: amount(window), whole: amount(whole) };
}
