import { readRange } from '../lines.js';
import { activeBranch, type Branch } from '../branch/branch.js';
import { readLeaf } from '../branch/leaf.js';
import { LineScanner } from '../scanner/scanner.js';
import { readSkeleton, runSteps, skeletonSteps, type SkeletonNode } from '../skeleton.js';

/** Selects the entries of a transcript that are shown as messages. */
export interface Thread {
  /**
   * The active branch, or all entries in file order, including abandoned branches, compacted messages and sidechains.
   */
  which: 'active' | 'all';
  /** The file is a subagent's, whose conversation consists of sidechain entries. */
  sidechains?: boolean;
}

const FIRST_WINDOW = 512 * 1024;
const GROWTH = 4;
/** Up to this size, parsing is faster than starting a scanner. */
const MAX_PARSED_BYTES = 2 * 1024 * 1024;

/** True for entries that are shown as messages. */
export function isMessage(node: SkeletonNode): boolean {
  return node.type === 'user' || node.type === 'assistant' || node.type === 'system' || node.isQueuedCommand;
}

/**
 * Reads the active branch of an open transcript of that size: the messages that Claude Code sends when the session is
 * resumed.
 */
export function readActiveBranch(fd: number, size: number, scanner = new LineScanner()): Branch {
  return activeBranch(readSkeleton(fd, { start: 0, end: size }, scanner), { whole: true, leaf: readLeaf(fd, size) });
}

/** Returns the messages of a thread in order, from the whole file. */
export function readThread(fd: number, size: number, thread: Thread, scanner?: LineScanner): SkeletonNode[] {
  return runSteps(threadSteps(fd, size, thread, scanner));
}

/** Reads a thread as `readThread`, in steps of some megabytes. */
export function* threadSteps(
  fd: number,
  size: number,
  thread: Thread,
  scanner = new LineScanner(),
): Generator<void, SkeletonNode[]> {
  const nodes = yield* skeletonSteps(fd, { start: 0, end: size }, scanner);
  yield;
  if (thread.which === 'active' && thread.sidechains !== true)
    return activeBranch(nodes, { whole: true, leaf: readLeaf(fd, size) }).nodes.filter(isMessage);
  return (thread.which === 'all' ? nodes : activeBranch(nodes, { whole: true, sidechains: true }).nodes).filter(
    isMessage,
  );
}

/**
 * Returns the last `count` messages of a thread, reading backwards from the end of the file and not much further than
 * needed. `firstWindow` is the number of bytes read first; each further step reads four times as many.
 */
export function lastMessages(
  fd: number,
  size: number,
  thread: Thread,
  count: number,
  firstWindow = FIRST_WINDOW,
): SkeletonNode[] {
  let scanner: LineScanner | null = null;
  const leaf = thread.which === 'active' && thread.sidechains !== true ? readLeaf(fd, size) : null;
  for (let window = firstWindow; window < size; window *= GROWTH) {
    if (window > MAX_PARSED_BYTES) scanner ??= new LineScanner();
    const nodes = readSkeleton(fd, { start: lineStartAfter(fd, size - window), end: size }, scanner);
    const found = lastOfWindow(nodes, thread, leaf, count);
    if (found !== null) return found;
  }
  return last(readThread(fd, size, thread, scanner ?? undefined), count);
}

/** Returns the last messages of a window; null if earlier lines could change them. */
function lastOfWindow(
  nodes: readonly SkeletonNode[],
  thread: Thread,
  leaf: string | null,
  count: number,
): SkeletonNode[] | null {
  if (thread.which === 'all') {
    const messages = nodes.filter(isMessage);
    return messages.length >= count ? last(messages, count) : null;
  }
  const branch = activeBranch(nodes, { whole: false, sidechains: thread.sidechains === true, leaf });
  const messages = branch.nodes.filter(isMessage);
  if (branch.isOpen && messages.length < count) return null;
  const found = last(messages, count);
  return mayLackPreserved(branch.nodes, nodes) || mayLackCalls(found, nodes) ? null : found;
}

/** True if the boundary of a visible summary is before the window, which alone names the messages it preserved. */
function mayLackPreserved(branch: readonly SkeletonNode[], window: readonly SkeletonNode[]): boolean {
  const summaries = new Set(branch.filter(({ isSummary }) => isSummary));
  let hasBoundary = false;
  for (const node of summaries.size === 0 ? [] : window) {
    if (node.compact !== null) hasBoundary = true;
    if (!node.isSummary) continue;
    if (!hasBoundary && summaries.has(node)) return true;
    hasBoundary = false;
  }
  return false;
}

/**
 * True if calls or results may be missing because a response began before the window: it is one of the first two in the
 * window (two processes may write at once), or the call of a result is not in the window.
 */
function mayLackCalls(messages: readonly SkeletonNode[], window: readonly SkeletonNode[]): boolean {
  const byUuid = new Map(window.map((node) => [node.uuid, node]));
  const responses = new Set<string>();
  for (const node of window) if (node.type === 'assistant' && responses.size < 2) responses.add(responseOf(node));
  return messages.some((message) => {
    let node: SkeletonNode | undefined = message;
    // Results of parallel calls may be linked to one another; the number of steps is limited in case of a cycle.
    for (let steps = 0; node?.isToolResult === true && steps < window.length; steps += 1) {
      node = byUuid.get(node.toolAssistant ?? '') ?? byUuid.get(node.parentUuid ?? '');
    }
    return node === undefined || (node.type === 'assistant' && responses.has(responseOf(node)));
  });
}

function responseOf(node: SkeletonNode): string {
  return node.messageId ?? node.uuid;
}

function last(nodes: SkeletonNode[], count: number): SkeletonNode[] {
  return count === 0 ? [] : nodes.slice(-count);
}

/** Returns the start of the first line at or after `offset`; the line before may be of any length. */
function lineStartAfter(fd: number, offset: number): number {
  const step = 64 * 1024;
  for (let at = Math.max(0, offset - 1); ; at += step) {
    const bytes = readRange(fd, at, at + step);
    const newline = bytes.indexOf(10);
    if (newline >= 0 || bytes.length === 0) return at + newline + 1;
  }
}
