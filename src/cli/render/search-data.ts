import type { Match, SessionMatches } from '../../search/model.js';
import { tabbed } from './text/pipe.js';

/** A match as JSON shows it (docs/schema/search.schema.json). */
export function matchData({ record }: Pick<SessionMatches, 'record'>, match: Match): object {
  const { configDir, id, projectDir, cwd, title } = record;
  const { prompt, messageUuid, agentId, role, kind, tool, timestamp, snippet, ranges, score } = match;
  return {
    sessionId: id,
    configDir,
    projectDir,
    cwd,
    title,
    prompt,
    messageUuid,
    agentId,
    role,
    kind,
    tool,
    timestamp,
    snippet,
    ranges,
    score,
    before: match.before ?? null,
    after: match.after ?? null,
  };
}

/** A match as a line of a pipe: id, number of the prompt, role, timestamp, cwd, snippet; maybe the config dir. */
export function matchLine({ record }: Pick<SessionMatches, 'record'>, match: Match, withConfigDir: boolean): string {
  return tabbed([
    record.id,
    match.prompt,
    match.role,
    match.timestamp,
    record.cwd,
    match.snippet,
    ...(withConfigDir ? [record.configDir] : []),
  ]);
}
