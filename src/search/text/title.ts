import type { SessionRecord } from '../../session-index/record.js';
import type { Match } from '../model.js';
import type { Matcher } from '../query/matcher.js';
import { scoreOf } from './score.js';
import { snippetOf } from './snippet.js';

/** The match of a session's title, tag, folders and branch, taken together; null if they lack a term. */
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
