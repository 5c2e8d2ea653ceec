import { memorySource } from '../../transcript/json/byte-source.js';
import { asEntry, asString, type Entry } from '../../transcript/messages/classify.js';
import type { ReadLine } from '../../transcript/entry-reader.js';
import { jsonText } from '../../transcript/json/json-text.js';
import { JsonWalker } from '../../transcript/json/json-walker.js';
import { MAX_LINE_BYTES } from '../../transcript/lines.js';
import { splicedLine } from './splice.js';

/** The session that a copied entry belongs to now, and the one it was copied from. */
export interface Ownership {
  from: string;
  to: string;
  /** Copies a kept tool result and returns its new path; null if there is no file at the old path. */
  moved(path: string): string | null;
}

/** Position of an entry in the conversation of the fork. */
export interface Position {
  uuid: string;
  parentUuid: string | null;
  /** True if the fork contains an entry with that uuid. */
  has(uuid: string): boolean;
  /** The last entry of the fork. */
  lastUuid: string;
}

/** An entry as it was read, and the bytes it was read from (`ReadLine`). */
export interface Original {
  entry: Entry;
  text: ReadLine['text'];
}

/** Pieces of a line of a new transcript. */
export type NewLine = Iterable<string | Buffer>;

/**
 * Returns the line of an entry of the parent's active branch as Claude Code's `/branch` copies it: with the same uuid
 * and message, and `forkedFrom` (docs/storage.md, "Lifecycle"). Its parent is the entry before it in the
 * fork, so that omitted entries (progress, entries dropped by a compaction, damage) leave no gap.
 */
export function forkedLine(original: Original, position: Position, ownership: Ownership): NewLine {
  const { entry } = original;
  const changes = ownChanges(original, ownership);
  changes.set('parentUuid', position.parentUuid);
  changes.set('uuid', position.uuid);
  changes.set('sessionId', ownership.to);
  changes.set('isSidechain', false);
  // A fork of a background session is not a background session, and the slug names the parent's plan. Claude Code drops
  // both, too.
  changes.set('sessionKind', undefined);
  changes.set('slug', undefined);
  // A fork of a teammate's session is not a teammate's session either.
  changes.set('teamName', undefined);
  changes.set('agentName', undefined);
  const compact = asEntry(entry['compactMetadata']);
  if (compact !== null) changes.set('compactMetadata', keptCompact(compact, position));
  // The session that requested the response; a fork of a fork keeps the first one.
  if (entry['type'] === 'assistant')
    changes.set('requestSessionId', asString(entry['requestSessionId']) ?? ownership.from);
  changes.set('forkedFrom', { sessionId: ownership.from, messageUuid: asString(entry['uuid']) });
  return changedLine(original, changes);
}

/**
 * Returns the line of any entry under its new owner, with the new session id and the new path of output kept in a file.
 */
export function ownedLine(original: Original, ownership: Ownership): NewLine {
  return changedLine(original, ownChanges(original, ownership));
}

/**
 * Returns the line of an entry with some members changed. An entry recovered from a damaged line is serialized again.
 */
export function changedLine({ entry, text }: Original, changes: ReadonlyMap<string, unknown>): NewLine {
  return splicedLine(text ?? memorySource(Buffer.from(jsonText(entry))), changes);
}

function ownChanges({ entry, text }: Original, ownership: Ownership): Map<string, unknown> {
  const changes = new Map<string, unknown>();
  if (entry['sessionId'] === ownership.from) changes.set('sessionId', ownership.to);
  const result = asEntry(entry['toolUseResult']);
  const oldPath = asString(result?.['persistedOutputPath']);
  const newPath = oldPath === null ? null : ownership.moved(oldPath);
  if (oldPath === null || newPath === null) return changes;
  const whole = (name: string): Entry | null =>
    text === null ? asEntry(entry[name]) : wholeMember(new JsonWalker(text), name);
  const wholeResult = whole('toolUseResult');
  if (wholeResult !== null) changes.set('toolUseResult', { ...wholeResult, persistedOutputPath: newPath });
  const message = whole('message');
  if (message !== null) changes.set('message', { ...message, content: withPath(message['content'], oldPath, newPath) });
  return changes;
}

/**
 * Returns an object member as it is in the text, for entries whose long texts were cut; null if it cannot be parsed.
 */
function wholeMember(walker: JsonWalker, name: string): Entry | null {
  const span = walker.member(walker.root, name);
  return span === null || span.end - span.start > MAX_LINE_BYTES ? null : asEntry(walker.parsed(span));
}

/** Returns tool results with one path in their text replaced by another. */
function withPath(content: unknown, oldPath: string, newPath: string): unknown {
  if (!Array.isArray(content)) return content;
  return content.map((block: unknown) => {
    const fields = asEntry(block);
    return fields?.['type'] === 'tool_result'
      ? { ...fields, content: inText(fields['content'], oldPath, newPath) }
      : block;
  });
}

function inText(content: unknown, oldPath: string, newPath: string): unknown {
  if (typeof content === 'string') return content.replaceAll(oldPath, () => newPath);
  if (!Array.isArray(content)) return content;
  return content.map((block: unknown) => {
    const fields = asEntry(block);
    return typeof fields?.['text'] === 'string'
      ? { ...fields, text: fields['text'].replaceAll(oldPath, () => newPath) }
      : block;
  });
}

/**
 * Returns the metadata of a compaction without preserved entries that are not in the fork: Claude Code looks for all it
 * names.
 */
function keptCompact(compact: Entry, { has, lastUuid }: Position): Entry {
  const { preservedMessages, preservedSegment, ...rest } = compact;
  const messages = asEntry(preservedMessages);
  const segment = asEntry(preservedSegment);
  const isThere = (uuid: unknown): uuid is string => typeof uuid === 'string' && has(uuid);
  const kept = list(messages?.['uuids']).filter(isThere);
  if (messages !== null && kept.length > 0 && isThere(messages['anchorUuid'])) {
    rest['preservedMessages'] = {
      ...messages,
      uuids: kept,
      ...(Array.isArray(messages['allUuids']) ? { allUuids: messages['allUuids'].filter(isThere) } : {}),
    };
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
