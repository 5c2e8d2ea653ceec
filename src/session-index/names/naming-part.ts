import { isNamedElsewhere } from '../facts.js';

/** The stored facts (JSON) that name a session: its titles, and the folders, tag and branch. */
export interface NamingPart {
  titles: Buffer;
  folders: Buffer;
  /** The session's record may have a title or a folder that is not in these facts. */
  isNamedElsewhere: boolean;
}

/** Members of stored facts around the naming parts (`noFacts`). No text contains them, since quotes are escaped. */
const TITLES = ['"customTitle":', ',"lastPromptEntry":'] as const;
const FOLDERS = ['"cwds":[', ',"version":'] as const;
const NONE = Buffer.alloc(0);

/** Returns the parts of a session's stored facts that its title, tag, folders and branch are made of. */
export function namingPartOf(facts: Buffer): NamingPart {
  const titles = between(facts, TITLES);
  const folders = between(facts, FOLDERS);
  if (titles === null || folders === null)
    return { titles: facts, folders: NONE, isNamedElsewhere: isNamedElsewhere(facts) };
  return { titles, folders, isNamedElsewhere: isNamedElsewhere(titles) || isNamedElsewhere(folders) };
}

function between(facts: Buffer, [first, next]: readonly [string, string]): Buffer | null {
  const start = facts.indexOf(first, 0, 'latin1');
  const end = start < 0 ? -1 : facts.indexOf(next, start, 'latin1');
  return end < 0 ? null : facts.subarray(start, end);
}
