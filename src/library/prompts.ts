import { listPrompts as findPrompts } from '../sessions/prompts/list-prompts.js';
import { readPromptFilters } from '../sessions/prompts/prompt-query.js';
import type { PromptRecord } from '../sessions/prompts/prompt-record.js';
import { indexOptionsOf } from '../sessions/select/select.js';
import { FILTER_OPTIONS, filtersOf, type FilterOptions } from './sessions.js';
import { checkLimit, checkOptions, type OptionNames } from './support/options.js';
import { openIndex, reportProblems, contextOf } from './context.js';

/** Filters of prompts: `{ since: '7d', text: 'deploy' }`. Options that are left out match every prompt. */
export interface PromptOptions extends FilterOptions {
  /** Words of the prompt, in any case and order. */
  text?: string;
  /** Maximum number of prompts; by default, and with 0, all. */
  limit?: number;
}

const NAMES: OptionNames<PromptOptions> = { ...FILTER_OPTIONS, limit: 'number' };

/**
 * Resolves to the prompts of all sessions, newest first, including those of headless and removed sessions and queued
 * ones that were never delivered. Rejects with USAGE for invalid options.
 */
export async function listPrompts(options: PromptOptions = {}): Promise<PromptRecord[]> {
  checkOptions(options, NAMES);
  const context = contextOf(options);
  const limit = checkLimit(options.limit, 'limit');
  const { query } = await readPromptFilters(filtersOf(options), context);
  const index = await openIndex(context, indexOptionsOf(query.sessions));
  const { configDirs, signal } = context;
  const { prompts, problems } = await findPrompts(index, query, { configDirs, limit, signal });
  reportProblems(problems, context);
  return prompts;
}
