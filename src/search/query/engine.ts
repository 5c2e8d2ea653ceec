import { CcsessError } from '../../system/errors.js';
import type { RegexpTerm, SearchQuery } from './model.js';
import { parseQuery, type QueryOptions } from './parse-query.js';
import { BacktrackingRunner, type RegexpRunner } from './regexp-runner.js';

/** Creates the runner of a regular expression. */
export type NewRunner = (term: RegexpTerm) => RegexpRunner;

/**
 * Returns the function that creates runners for the expressions of a query. RE2 is loaded only if the query uses it.
 */
export async function loadEngine(query: SearchQuery): Promise<NewRunner> {
  if (!query.terms.some((term) => term.kind === 'regexp' && term.engine === 're2'))
    return (term) => new BacktrackingRunner(term);
  const { LinearRunner } = await import('./re2-runner.js');
  return (term) => new LinearRunner(term);
}

/** Parses a query as `parseQuery` does. Rejects with USAGE for an expression that its engine does not accept. */
export async function readQuery(text: string, options: QueryOptions): Promise<SearchQuery> {
  const query = parseQuery(text, options);
  if (options.engine !== 're2') return query;
  const { re2Problem } = await import('./re2-runner.js');
  for (const term of query.terms) {
    const problem = term.kind === 'regexp' ? re2Problem(term) : null;
    if (problem !== null)
      throw new CcsessError('USAGE', `RE2 does not accept a regular expression of the query: ${problem}.`, {
        hint: 'it has no lookaround and no backreferences.',
      });
  }
  return query;
}
