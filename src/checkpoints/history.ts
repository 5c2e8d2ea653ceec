import type { TranscriptFile } from '../claude/model.js';
import { EntryReader } from '../transcript/entry-reader.js';
import { withFile } from '../transcript/lines.js';
import { asString, promptText, type Entry } from '../transcript/messages/classify.js';
import { messagesOf } from '../transcript/messages/messages.js';
import { isMessage, readActiveBranch } from '../transcript/messages/tail.js';
import { titleText } from '../transcript/messages/title-text.js';
import { readSkeleton, type SkeletonNode } from '../transcript/skeleton.js';
import { LineScanner } from '../transcript/scanner/scanner.js';
import type { Checkpoint, History, Snapshot } from './model.js';
import { readSnapshots } from './snapshots.js';

/** Maximum number of characters of a checkpoint's prompt. */
const MAX_TEXT = 400;

/** Reads the checkpoints of a session, skipping damaged lines. Throws Node's error if its transcript cannot be read. */
export function readHistory({ path }: Pick<TranscriptFile, 'path'>): History {
  return withFile(path, (fd, size) => {
    const snapshots = readSnapshots(fd, size);
    if (snapshots.length === 0) return { snapshots, active: [], checkpoints: [] };
    const branch = readActiveBranch(fd, size).nodes.filter(({ type }) => type !== 'progress');
    const uuids = new Set(branch.map(({ uuid }) => uuid));
    const active = snapshots.filter(({ messageUuid }) => uuids.has(messageUuid));
    const others = snapshots.filter(({ messageUuid }) => !uuids.has(messageUuid));
    const checkpoints = [...activeCheckpoints(fd, size, branch, active), ...abandonedCheckpoints(fd, size, others)];
    return { snapshots, active, checkpoints };
  });
}

function activeCheckpoints(
  fd: number,
  size: number,
  branch: readonly SkeletonNode[],
  snapshots: readonly Snapshot[],
): Checkpoint[] {
  const byMessage = new Map(snapshots.map((snapshot) => [snapshot.messageUuid, snapshot]));
  const messages = branch.filter(isMessage);
  const positions = new Map(messages.map((node, position) => [node, position]));
  const checkpoints: Checkpoint[] = [];
  let prompts = 0;
  for (const { message, node, entry } of messagesOf(fd, size, messages.filter(isPromptLike), { brief: true })) {
    const isPrompt = message.kind === 'prompt' && message.prompt > prompts;
    prompts = message.prompt;
    const snapshot = byMessage.get(node.uuid);
    // A repeated entry is the same message.
    if (snapshot === undefined || !byMessage.delete(node.uuid)) continue;
    const position = positions.get(node) ?? 0;
    const isFirst = message.prompt <= 1 && !messages.slice(0, position).some(({ isSummary }) => isSummary);
    const previousUuid = isFirst ? null : (messages[position - 1]?.uuid ?? null);
    checkpoints.push({
      ...describe(entry, node, snapshot),
      prompt: isPrompt ? message.prompt : null,
      isActive: true,
      previousUuid,
    });
  }
  return checkpoints;
}

/** False for answers and results, nearly all of a transcript's bytes, which have no snapshots. */
function isPromptLike(node: SkeletonNode): boolean {
  return node.type !== 'assistant' && node.type !== 'system' && !node.isToolResult;
}

/** Returns the checkpoints of abandoned branches, and of messages before a compaction. */
function abandonedCheckpoints(fd: number, size: number, snapshots: readonly Snapshot[]): Checkpoint[] {
  if (snapshots.length === 0) return [];
  const byMessage = new Map(snapshots.map((snapshot) => [snapshot.messageUuid, snapshot]));
  const reader = new EntryReader(fd, size);
  const found: Checkpoint[] = [];
  for (const node of readSkeleton(fd, { start: 0, end: size }, new LineScanner())) {
    const snapshot = isPromptLike(node) ? byMessage.get(node.uuid) : undefined;
    const entry = snapshot === undefined ? undefined : reader.read(node).entries[node.index];
    if (snapshot === undefined || entry === undefined || !byMessage.delete(node.uuid)) continue;
    found.push({ ...describe(entry, node, snapshot), prompt: null, isActive: false, previousUuid: null });
  }
  return found;
}

function describe(
  entry: Entry,
  node: SkeletonNode,
  snapshot: Snapshot,
): Omit<Checkpoint, 'prompt' | 'isActive' | 'previousUuid'> {
  return {
    messageUuid: node.uuid,
    timestamp: snapshot.timestamp ?? asString(entry['timestamp']),
    text: titleText(promptText(entry)).slice(0, MAX_TEXT),
    gitBranch: asString(entry['gitBranch']),
    snapshot,
  };
}
