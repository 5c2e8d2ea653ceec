import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import type { ConfigDir } from '../../claude/model.js';
import { isSessionId } from '../../claude/scan/scan.js';

/**
 * Refuses an id that a new session cannot have. Throws USAGE for anything but a uuid in lower case, which Claude Code
 * would not find again (docs/storage.md, "Lifecycle"), `SessionExists` if any project has a session of that id.
 */
export function requireNewId(id: string, configDirs: readonly ConfigDir[]): void {
  if (!isSessionId(id))
    throw new CcsessError(
      'USAGE',
      `'${id}' is not a session id: expected a uuid such as 3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.`,
    );
  if (id !== id.toLowerCase()) throw new CcsessError('USAGE', `session ids are in lower case: ${id.toLowerCase()}.`);
  const [taken] = findTranscripts(configDirs, id);
  if (taken !== undefined) throw new SessionExists(id, taken);
}

/** Error EXISTS for an id that a session of any project, or a remainder of one, already has. */
export class SessionExists extends CcsessError {
  readonly id: string;

  constructor(id: string, transcript: string) {
    super('EXISTS', `session ${id} exists already: ${transcript}.`, {
      hint: phrase`leave out ${option('id')} for an id of its own`,
    });
    this.id = id;
  }
}
