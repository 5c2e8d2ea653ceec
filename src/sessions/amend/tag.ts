import type { Environment } from '../../claude/environment.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { tagEntry } from '../../transcript/title-entries.js';
import { amendSession, type ChangeOptions } from './amend.js';
import { checkTag } from './title.js';

/**
 * Tags a session, or removes its tag (`null`), as the Agent SDK does. A session has one tag, so a new one replaces it.
 * Resolves to the tag as written. Rejects as `checkTag` and `amendSession`.
 */
export async function tagSession(
  row: SessionRow,
  tag: string | null,
  options: ChangeOptions,
  environment: Environment,
): Promise<string | null> {
  const text = tag === null ? null : checkTag(tag);
  await amendSession(row, [tagEntry(row.file.id, text)], options, environment);
  return text;
}
