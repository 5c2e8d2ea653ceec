import type { SessionRecord } from '../../session-index/record.js';
import type { Match } from '../model.js';
import { fold, isAscii } from '../query/fold.js';
import type { Matcher } from '../query/matcher.js';
import type { SearchQuery } from '../query/model.js';
import { requiredText } from '../raw/literal.js';
import { scoreOf } from './score.js';
import { snippetOf } from './snippet.js';

/**
 * Characters at which a title may differ from the stored facts: its parts are joined by them, or runs of them are
 * merged.
 */
const JOINTS = /[\s#]+/;

/** Returns a query for the words that the stored facts of a session contain if its title matches. */
export function titleQuery({ terms }: SearchQuery): SearchQuery {
  return {
    terms: terms.flatMap((term) => {
      const isExact = term.kind === 'text' ? term.isExact : !term.flags.includes('i');
      const required = term.kind === 'text' ? term.folded : (requiredText(term) ?? '');
      const words = required.split(JOINTS).filter((word) => word !== '' && (term.kind === 'text' || isAscii(word)));
      return words.map((text) => ({
        kind: 'text',
        text,
        folded: term.kind === 'text' ? text : fold(text, isExact),
        isExact,
        isWholeWord: false,
      }));
    }),
  };
}

/** Returns the match of a session's title, tag, folders and branch, taken as one text; null if a term is missing. */
export function titleMatch(
  record: Pick<SessionRecord, 'title' | 'titleSource' | 'tag' | 'cwd' | 'cwds' | 'gitBranch'>,
  matcher: Matcher,
): Match | null {
  const { tag, cwd, cwds, gitBranch } = record;
  // A prompt that stands in for a title is found as a prompt.
  const title = record.titleSource === 'prompt' ? null : record.title;
  const folders = new Set([cwd, ...cwds]);
  const text = [title, tag === null ? null : `#${tag}`, ...folders, gitBranch].filter((one) => one !== null).join('\n');
  const found = matcher.find(text);
  if (found === null) return null;
  const snippet = snippetOf(text, found);
  return {
    kind: 'title',
    prompt: null,
    messageUuid: null,
    role: null,
    tool: null,
    agentId: null,
    timestamp: null,
    snippet: snippet.text,
    ranges: snippet.ranges,
    score: scoreOf('title', found),
  };
}
