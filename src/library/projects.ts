import { parseChoice } from '../grammar/choice.js';
import {
  PROJECT_SORT_KEYS,
  projectsOf,
  sortProjects,
  type ProjectRecord,
  type ProjectSortKey,
} from '../sessions/select/projects.js';
import { checkCount, checkLimit, checkOptions, type OptionNames } from './support/options.js';
import { LIBRARY_OPTIONS, openIndex, contextOf, type LibraryOptions } from './context.js';

/** Order and number of projects. */
export interface ProjectOptions extends LibraryOptions {
  /** By default the newest activity comes first. */
  sort?: ProjectSortKey;
  reverse?: boolean;
  /** Maximum number of projects; by default, and with 0, all. */
  limit?: number;
  /** Number of projects to skip. */
  offset?: number;
}

const NAMES: OptionNames<ProjectOptions> = {
  ...LIBRARY_OPTIONS,
  sort: 'string',
  reverse: 'boolean',
  limit: 'number',
  offset: 'number',
};

/**
 * Resolves to the folders in which Claude Code ran, with the number of their sessions. Rejects with USAGE for invalid
 * options.
 */
export async function listProjects(options: ProjectOptions = {}): Promise<ProjectRecord[]> {
  checkOptions(options, NAMES);
  const context = contextOf(options);
  const sort = parseChoice(options.sort ?? 'activity', PROJECT_SORT_KEYS, 'sort');
  const limit = checkLimit(options.limit, 'limit');
  const offset = checkCount(options.offset ?? 0, 'offset');
  const index = await openIndex(context);
  const records = index.records(index.rows, { footprint: true });
  return sortProjects(projectsOf(records), sort, options.reverse === true).slice(offset, offset + limit);
}
