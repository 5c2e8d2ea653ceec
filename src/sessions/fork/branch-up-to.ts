import { CcsessError } from '../../system/errors.js';
import { phrase, sessionCall } from '../../system/phrase.js';
import { promptText } from '../../transcript/messages/classify.js';
import { titleText } from '../../transcript/messages/title-text.js';
import { messagesOf } from '../../transcript/messages/messages.js';
import { isMessage } from '../../transcript/messages/tail.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';

/** An open transcript and the entries of its active branch, root first. */
export interface OpenThread {
  fd: number;
  size: number;
  nodes: readonly SkeletonNode[];
}

/** The entries that a fork copies, from the root on. */
export interface ForkedBranch {
  nodes: SkeletonNode[];
  /** Number of the last prompt in it, as `show` prints it; 0 if there is none. */
  prompt: number;
  /** The prompts of the branch as titles, the first one first. */
  titles: string[];
}

/** A prompt of a branch. */
interface ThreadPrompt {
  position: number;
  title: string;
}

const MIN_PREFIX_LENGTH = 4;
/** Longest title that Claude Code reads, in code points. */
export const MAX_TITLE = 200;

/**
 * Returns the branch up to prompt `at` and its answer, or up to the message whose uuid is or begins with `at`; without
 * `at`, the whole branch. The cut is never within a response, between tool calls and their results (the API refuses a
 * call without a result), or between the mark of a compaction and its summary (the mark alone is not a conversation to
 * Claude Code, docs/storage.md). Throws NOT_FOUND or AMBIGUOUS.
 */
export function branchUpTo(thread: OpenThread, at: string | undefined, id: string | null = null): ForkedBranch {
  const prompts = promptsOf(thread);
  const { nodes } = thread;
  if (at === undefined) return { nodes: [...nodes], prompt: prompts.length, titles: prompts.map(({ title }) => title) };
  const position = positionOf(nodes, prompts, at, id);
  // A prompt typed while the last response still waited for results is not answered by it.
  const kept = nodes
    .slice(0, endAfter(nodes, position) + 1)
    .filter((node, index) => index <= position || !node.isQueuedCommand);
  const titles = prompts.filter((prompt) => prompt.position <= position).map(({ title }) => title);
  return { nodes: kept, prompt: titles.length, titles };
}

/** The prompts of the branch, the first one first. */
function promptsOf({ fd, size, nodes }: OpenThread): ThreadPrompt[] {
  const positions = new Map(nodes.map((node, position) => [node, position]));
  const found: ThreadPrompt[] = [];
  // Answers and results, nearly all bytes of a transcript, are not read, since they contain no prompts.
  const candidates = nodes.filter((node) => isMessage(node) && node.type !== 'assistant' && !node.isToolResult);
  for (const { message, node, entry } of messagesOf(fd, size, candidates, { brief: true })) {
    if (message.kind !== 'prompt' || message.prompt <= found.length) continue;
    // Cuts to the number of code points that Claude Code reads; each has at most two code units.
    found.push({ position: positions.get(node) ?? 0, title: titleText(promptText(entry)).slice(0, 2 * MAX_TITLE) });
  }
  return found;
}

function positionOf(
  nodes: readonly SkeletonNode[],
  prompts: readonly ThreadPrompt[],
  at: string,
  id: string | null,
): number {
  const number = /^\d+$/.test(at) ? Number(at) : null;
  if (number !== null && number > 0 && number <= prompts.length) return (prompts[number]?.position ?? nodes.length) - 1;
  const wanted = at.toLowerCase();
  const messages = nodes.filter(isMessage);
  const matches = wanted.length < MIN_PREFIX_LENGTH ? [] : messages.filter(({ uuid }) => uuid.startsWith(wanted));
  const only = messages.find(({ uuid }) => uuid === at) ?? matches[0];
  if (only === undefined) throw unknownMessage(at, prompts.length, id);
  if (matches.length < 2 || only.uuid === at) return nodes.indexOf(only);
  throw new CcsessError('AMBIGUOUS', `the uuids of ${matches.length} messages begin with '${at}':`, {
    hint: matches.map(({ uuid }) => uuid).join('\n'),
  });
}

function unknownMessage(at: string, prompts: number, id: string | null): CcsessError {
  const what = /^\d{1,7}$/.test(at) ? `no prompt ${at}` : `no message '${at}'`;
  const known =
    prompts === 0
      ? 'it has no prompts'
      : phrase`its prompts are numbered 1 to ${prompts}: ${sessionCall('messages', id)}`;
  return new CcsessError('NOT_FOUND', `the active branch of the session has ${what}.`, { hint: known });
}

function endAfter(nodes: readonly SkeletonNode[], position: number): number {
  const isMark = nodes[position]?.compact !== null && nodes[position + 1]?.isSummary === true;
  return isMark ? position + 1 : endOfResponse(nodes, position);
}

/**
 * Returns the position of the last entry of the response that the entry at `position` is part of or answers; `position`
 * if no later entry is part of it.
 */
function endOfResponse(nodes: readonly SkeletonNode[], position: number): number {
  const start = nodes.slice(0, position + 1).findLastIndex(({ type }) => type === 'assistant');
  const response = nodes[start];
  let end = position;
  if (response === undefined || nodes.slice(start, position + 1).some(isUserMessage)) return end;
  for (const [offset, node] of nodes.slice(position + 1).entries()) {
    if (node.type === 'assistant' ? !isSameResponse(node, response) : isUserMessage(node)) break;
    // Entries between parts of the response are included; entries after its last part are not.
    if (node.type === 'assistant' || node.isToolResult) end = position + 1 + offset;
  }
  return end;
}

/** True for user entries that are not tool results. */
function isUserMessage({ type, isToolResult }: SkeletonNode): boolean {
  return type === 'user' && !isToolResult;
}

function isSameResponse(node: SkeletonNode, response: SkeletonNode): boolean {
  return node.messageId !== null && node.messageId === response.messageId;
}
