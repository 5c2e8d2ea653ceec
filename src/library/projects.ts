import { parseChoice } from '../grammar/choice.js';
import {
  PROJECT_SORT_KEYS,
  projectsOf,
  sortProjects,
  type ProjectRecord,
  type ProjectSortKey,
} from '../sessions/select/projects.js';
import { checkCount, checkLimit, checkOptions, type OptionNames } from './support/options.js';
import { LIBRARY_OPTIONS, openIndex, surroundingsOf, type LibraryOptions } from './surroundings.js';

/** Order and number of projects. */
export interface ProjectOptions extends LibraryOptions {
  /** By default the newest activity first. */
  sort?: ProjectSortKey;
  reverse?: boolean;
  /** Maximum number of projects; by default, and with 0, all. */
  limit?: number;
  /** Number of projects to leave out before the first one. */
  offset?: number;
}

const NAMES: OptionNames<ProjectOptions> = { ...LIBRARY_OPTIONS, sort: true, reverse: true, limit: true, offset: true };

/**
 * The folders that Claude Code ran in, with their sessions counted. Rejects with USAGE for options that cannot be
 * meant.
 */
export async function listProjects(options: ProjectOptions = {}): Promise<ProjectRecord[]> {
  checkOptions(options, NAMES);
  const surroundings = surroundingsOf(options);
  const sort = parseChoice(options.sort ?? 'activity', PROJECT_SORT_KEYS, 'sort');
  const limit = checkLimit(options.limit, 'limit');
  const offset = checkCount(options.offset ?? 0, 'offset');
  const index = await openIndex(surroundings);
  const records = index.records(index.rows, { footprint: true });
  return sortProjects(projectsOf(records), sort, options.reverse === true).slice(offset, offset + limit);
}
