import type { Match, SessionMatches } from '../../search/model.js';
import { tabbed } from './text/pipe.js';

/** Returns a match as JSON shows it (docs/schema/search.schema.json). */
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

/**
 * Returns a match as a line for pipes: id, prompt number, role, timestamp, cwd, snippet, and the config dir if there
 * are several.
 */
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
