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

/**
 * Returns for each session the match of its title, tag, folders and branch, taken as one text; null if a term is
 * missing.
 */
export function titleMatches(records: readonly TitleFields[], matcher: Matcher): (Match | null)[] {
  const texts = records.map(titleText);
  return matcher.find(texts).map((found, at) => {
    if (found === null) return null;
    const snippet = snippetOf(texts[at] ?? '', found);
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
  });
}

/** Fields of a session that name it. */
type TitleFields = Pick<SessionRecord, 'title' | 'titleSource' | 'tag' | 'cwd' | 'cwds' | 'gitBranch'>;

function titleText({ title, titleSource, tag, cwd, cwds, gitBranch }: TitleFields): string {
  // A prompt that stands in for a title is found as a prompt.
  const shown = titleSource === 'prompt' ? null : title;
  const folders = new Set([cwd, ...cwds]);
  return [shown, tag === null ? null : `#${tag}`, ...folders, gitBranch].filter((one) => one !== null).join('\n');
}
