import { join } from 'node:path';
import { parseObject, readStart } from '../system/small-file.js';
import { isSessionId } from './scan/scan.js';

/** Maximum size of a team file, which names every member with its instructions. */
const MAX_BYTES = 1024 * 1024;
const TEAM_NAME = /^[\w-]{1,255}$/;

/**
 * Returns the id of the session that leads a team, from `teams/NAME/config.json`; null if the file is gone or names
 * none. Source: docs/storage.md, "Teammates".
 */
export function teamLeader(configDir: string, team: string): string | null {
  if (!TEAM_NAME.test(team)) return null;
  const config = readStart(join(configDir, 'teams', team, 'config.json'), MAX_BYTES);
  const leader = config?.whole === true ? parseObject(config.text)?.['leadSessionId'] : null;
  return typeof leader === 'string' && isSessionId(leader) ? leader : null;
}
