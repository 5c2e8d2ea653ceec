import { asEntry, asString, type Entry } from '../../transcript/classify.js';

/** Who a copied entry belongs to now, and who it was copied from. */
export interface Ownership {
  from: string;
  to: string;
  /** Brings a kept tool result along: its new path, or null if there is no file at the old one. */
  moved(path: string): string | null;
}

/** An entry's place in the conversation of the fork. */
export interface Position {
  uuid: string;
  parentUuid: string | null;
  /** Whether an entry of that uuid is in the fork. */
  has(uuid: string): boolean;
  /** The last entry of the fork. */
  lastUuid: string;
}

/**
 * An entry of the parent's active branch as Claude Code's `/branch` copies it: same uuid, same message, `forkedFrom`
 * (docs/storage.md, "Lifecycle behaviours"). The parent uuid is that of the entry before it in the fork, so that what was
 * left out (progress, what a compaction dropped, damage) leaves no gap. The given entry stays as it is.
 */
export function forkedEntry(entry: Entry, position: Position, ownership: Ownership): Entry {
  const copy = ownedEntry(entry, ownership);
  copy['parentUuid'] = position.parentUuid;
  copy['uuid'] = position.uuid;
  copy['sessionId'] = ownership.to;
  copy['isSidechain'] = false;
  // A fork of a background session is none, and the slug names the parent's plan: Claude Code drops it too.
  delete copy['sessionKind'];
  delete copy['slug'];
  const compact = asEntry(entry['compactMetadata']);
  if (compact !== null) copy['compactMetadata'] = keptCompact(compact, position);
  // Whose request a response answered: a fork of a fork keeps the first.
  if (entry['type'] === 'assistant') copy['requestSessionId'] = asString(entry['requestSessionId']) ?? ownership.from;
  copy['forkedFrom'] = { sessionId: ownership.from, messageUuid: asString(entry['uuid']) };
  return copy;
}

/** Any entry under its new owner: its session id, and the place of the output it keeps in a file of its own. */
export function ownedEntry(entry: Entry, ownership: Ownership): Entry {
  const copy = { ...entry };
  if (copy['sessionId'] === ownership.from) copy['sessionId'] = ownership.to;
  const result = asEntry(entry['toolUseResult']);
  const oldPath = asString(result?.['persistedOutputPath']);
  const newPath = oldPath === null ? null : ownership.moved(oldPath);
  if (oldPath === null || newPath === null) return copy;
  copy['toolUseResult'] = { ...result, persistedOutputPath: newPath };
  const message = asEntry(entry['message']);
  if (message !== null) copy['message'] = { ...message, content: withPath(message['content'], oldPath, newPath) };
  return copy;
}

/** The text of tool results with a path in the place of another; everything else as it was. */
function withPath(content: unknown, oldPath: string, newPath: string): unknown {
  if (!Array.isArray(content)) return content;
  return content.map((block: unknown) => {
    const fields = asEntry(block);
    return fields?.['type'] === 'tool_result' ? { ...fields, content: inText(fields['content'], oldPath, newPath) } : block;
  });
}

function inText(content: unknown, oldPath: string, newPath: string): unknown {
  if (typeof content === 'string') return content.replaceAll(oldPath, () => newPath);
  if (!Array.isArray(content)) return content;
  return content.map((block: unknown) => {
    const fields = asEntry(block);
    return typeof fields?.['text'] === 'string' ? { ...fields, text: fields['text'].replaceAll(oldPath, () => newPath) } : block;
  });
}

/** What a compaction kept, less what is not in the fork: Claude Code looks for all that is named here. */
function keptCompact(compact: Entry, { has, lastUuid }: Position): Entry {
  const { preservedMessages, preservedSegment, ...rest } = compact;
  const messages = asEntry(preservedMessages);
  const segment = asEntry(preservedSegment);
  const isThere = (uuid: unknown): uuid is string => typeof uuid === 'string' && has(uuid);
  const kept = list(messages?.['uuids']).filter(isThere);
  if (messages !== null && kept.length > 0 && isThere(messages['anchorUuid'])) {
    rest['preservedMessages'] = { ...messages, uuids: kept, ...(Array.isArray(messages['allUuids']) ? { allUuids: messages['allUuids'].filter(isThere) } : {}) };
  }
  if (segment !== null && isThere(segment['anchorUuid']) && isThere(segment['headUuid'])) {
    const tailUuid = isThere(segment['tailUuid']) ? segment['tailUuid'] : (kept.at(-1) ?? lastUuid);
    rest['preservedSegment'] = { ...segment, tailUuid };
  }
  return rest;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
