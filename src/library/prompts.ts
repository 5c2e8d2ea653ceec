import { listPrompts as findPrompts } from '../sessions/prompts/list-prompts.js';
import { readPromptFilters } from '../sessions/prompts/prompt-query.js';
import type { PromptRecord } from '../sessions/prompts/prompt-record.js';
import { indexOptionsOf } from '../sessions/select/select.js';
import { FILTER_OPTIONS, filtersOf, type FilterOptions } from './sessions.js';
import { checkLimit, checkOptions, type OptionNames } from './support/options.js';
import { openIndex, reportProblems, surroundingsOf } from './surroundings.js';

/** Filters of prompts: `{ since: '7d', text: 'deploy' }`. An option that is left out does not narrow. */
export interface PromptOptions extends FilterOptions {
  /** Words of the prompt itself, in any case and order. */
  text?: string;
  /** Maximum number of prompts; by default, and with 0, all. */
  limit?: number;
}

const NAMES: OptionNames<PromptOptions> = { ...FILTER_OPTIONS, limit: true };

/**
 * Returns the prompts of all sessions, newest first. Prompts of headless sessions, of sessions that are gone, and
 * queued ones that were never delivered are included. Rejects with USAGE for invalid options.
 */
export async function listPrompts(options: PromptOptions = {}): Promise<PromptRecord[]> {
  checkOptions(options, NAMES);
  const surroundings = surroundingsOf(options);
  const limit = checkLimit(options.limit, 'limit');
  const { query } = await readPromptFilters(filtersOf(options), surroundings);
  const index = await openIndex(surroundings, indexOptionsOf(query.sessions));
  const { configDirs, signal } = surroundings;
  const { prompts, problems } = await findPrompts(index, query, { configDirs, limit, signal });
  reportProblems(problems, surroundings);
  return prompts;
}
