import { listPrompts as findPrompts } from '../sessions/prompts/list-prompts.js';
import { readPromptFilters } from '../sessions/prompts/prompt-query.js';
import type { PromptRecord } from '../sessions/prompts/prompt-record.js';
import { checkCount } from './check-count.js';
import type { ListOptions } from './sessions.js';
import { openIndex, surroundingsOf } from './surroundings.js';

/** Which prompts: the flags of `ccsess prompts`, with their grammars (`{ since: '7d', text: 'deploy' }`). */
export interface PromptOptions extends Omit<ListOptions, 'sort' | 'reverse'> {
  /** Words of the prompt itself, in any case and order. */
  text?: string;
}

/**
 * Returns the prompts of all sessions, headless ones included, newest first, also of sessions that are gone and those
 * that were queued and never delivered. Rejects with USAGE for options that cannot be understood.
 */
export async function listPrompts(options: PromptOptions = {}): Promise<PromptRecord[]> {
  const surroundings = surroundingsOf(options);
  const { project } = options;
  const limit = checkCount(options.limit ?? Infinity, 'limit');
  const filters = { ...options, project: typeof project === 'string' ? [project] : (project ?? []) };
  const { query } = await readPromptFilters(filters, surroundings);
  const index = await openIndex(surroundings, { processes: query.sessions.live === true });
  const { configDirs, signal } = surroundings;
  return (await findPrompts(index, query, { configDirs, limit, signal })).prompts;
}
