import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';

const SHORT_ID = 8;

/**
 * Returns phrases about the parent of a session and its forks (`forked from 9be01d77 Prune: first plan`). Only forks in
 * its own project dir are named, where most are: to find others, every session would have to be read. Titles are not
 * sanitized.
 */
export function lineageOf(index: SessionIndex, row: SessionRow, record: SessionRecord): string[] {
  const siblings = index.rows.filter(
    (other) =>
      other.forked && other.file.projectDir === row.file.projectDir && other.file.configDir === row.file.configDir,
  );
  const records = index.records(siblings, { footprint: false });
  const parents = record.forkedFrom === null ? [] : index.withId(record.forkedFrom.id);
  const parent = parents.filter(({ file }) => file.configDir === row.file.configDir).slice(0, 1);
  const named = (id: string, title: string | null): string => `${id.slice(0, SHORT_ID)} ${title ?? ''}`.trimEnd();
  const from =
    record.forkedFrom === null
      ? []
      : [`forked from ${named(record.forkedFrom.id, index.records(parent, { footprint: false })[0]?.title ?? null)}`];
  const into = records.filter((other) => other.forkedFrom?.id === record.id && other.id !== record.id);
  return [...from, ...into.map(({ id, title }) => `forked into ${named(id, title)}`)];
}
