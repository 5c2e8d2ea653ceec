import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';

const SHORT_ID = 8;

/**
 * Whom a session was forked from and what was forked from it, as phrases (`forked from 9be01d77 Prune: first plan`).
 * Forks lie in the same project dir; titles come as they are.
 */
export function lineageOf(index: SessionIndex, row: SessionRow, record: SessionRecord): string[] {
  const siblings = index.rows.filter(({ file }) => file.projectDir === row.file.projectDir && file.configDir === row.file.configDir);
  const records = index.records(siblings, { footprint: false });
  const named = (id: string): string => `${id.slice(0, SHORT_ID)} ${records.find((other) => other.id === id)?.title ?? ''}`.trimEnd();
  const from = record.forkedFrom === null ? [] : [`forked from ${named(record.forkedFrom.id)}`];
  const into = records.filter((other) => other.forkedFrom?.id === record.id && other.id !== record.id);
  return [...from, ...into.map(({ id }) => `forked into ${named(id)}`)];
}
