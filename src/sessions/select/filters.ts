import type { Environment } from '../../claude/environment.js';
import type { SessionKind } from '../../session-index/record.js';
import { resolveAge, parseAge, parsePastTime } from '../../grammar/age.js';
import { parseChoice } from '../../grammar/choice.js';
import { parseSize } from '../../grammar/size.js';
import { option } from '../../system/phrase.js';
import { findStartFolder } from './start-folder.js';
import type { Query } from './select.js';
import { switchedOn, type SwitchFilters } from './switch-filters.js';

/** Filters of sessions, as written: the flags of `list`, and the options of `listSessions`. */
export interface Filters extends SwitchFilters {
  /** Folders (`.`), each with its git worktrees, or patterns (`~/code/**`). */
  project?: readonly string[];
  /** An age (`7d`) or a date. */
  since?: string;
  until?: string;
  olderThan?: string;
  /** A size (`20MiB`). */
  largerThan?: string;
  kind?: string | readonly string[];
  /** Part of the title, in any case. */
  title?: string;
  /** The whole tag. */
  tag?: string;
  branch?: string;
  /** Files or folders (`src/`), or patterns (`src/**`), that tools read or changed. */
  touched?: readonly string[];
  /** Part of a model's name. */
  model?: string;
  /** Text in the title, the first or the last prompt, in any case; several words in any order. */
  text?: string;
}

/** An age given to a filter, and the time it means. */
export interface ResolvedAge {
  option: 'since' | 'until' | 'olderThan';
  text: string;
  relation: 'from' | 'before';
  ms: number;
}

/** Every kind of session. */
export const KINDS: readonly SessionKind[] = ['interactive', 'headless', 'background', 'teammate'];

/** Returns the tag that is meant: Claude Code and `show` print it as #tag, so people type it that way. */
export function wantedTag(text: string): string {
  return text.replace(/^#(?=.)/, '');
}

/**
 * Returns the query that filters describe, relative to a clock and a folder, and the times that their ages mean. Throws
 * usage errors.
 */
export async function readFilters(
  filters: Filters,
  environment: Pick<Environment, 'now' | 'cwd' | 'home' | 'env'>,
): Promise<{ query: Query; ages: ResolvedAge[] }> {
  const query: Query = {};
  const ages: ResolvedAge[] = [];
  const now = environment.now();
  const { since, until, olderThan, project, touched } = filters;
  if (since !== undefined) {
    query.sinceMs = await resolveAge(parseAge(since, option('since')), now, since, option('since'));
    ages.push({ option: 'since', text: since, relation: 'from', ms: query.sinceMs });
  }
  if (until !== undefined) {
    query.beforeMs = await resolveAge(parseAge(until, option('until')), now, until, option('until'));
    ages.push({ option: 'until', text: until, relation: 'before', ms: query.beforeMs });
  }
  if (olderThan !== undefined) {
    const before = await parsePastTime(parseAge(olderThan, option('olderThan')), now, olderThan, option('olderThan'));
    query.beforeMs = Math.min(before, query.beforeMs ?? Infinity);
    ages.push({ option: 'olderThan', text: olderThan, relation: 'before', ms: before });
  }
  if (filters.kind !== undefined)
    query.kinds = [filters.kind].flat().map((kind) => parseChoice(kind, KINDS, option('kind')));
  if (filters.largerThan !== undefined) query.largerThanBytes = parseSize(filters.largerThan, option('largerThan'));
  if (filters.title !== undefined) query.title = filters.title;
  if (filters.tag !== undefined) query.tag = wantedTag(filters.tag);
  if (filters.branch !== undefined) query.branch = filters.branch;
  if (filters.model !== undefined) query.model = filters.model;
  for (const name of switchedOn(filters)) query[name] = true;
  const words = (filters.text ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.length > 0) query.words = words;
  if (project !== undefined && project.length > 0) {
    const { projectFilter } = await import('./project-filter.js');
    query.project = projectFilter(project, await findStartFolder(environment));
  }
  if (touched !== undefined && touched.length > 0) {
    const { touchedFilter } = await import('./touched-filter.js');
    query.touched = touchedFilter(touched, environment);
  }
  return { query, ages };
}
