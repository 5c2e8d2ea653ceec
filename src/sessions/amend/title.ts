import { CcsessError } from '../../system/errors.js';

/** Maximum length of a title that Claude Code reads, in code points. */
const MAX_LENGTH = 200;
/**
 * Characters that Claude Code replaces by one space in a name: controls, line ends, invisible formatting characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;
/** Characters that show nothing: spaces, fillers, selectors, the blank Braille pattern. */
const INVISIBLE = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu;
const CONTROL_OR_LINE_END = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/**
 * Characters that the Agent SDK removes from a tag: unseen, private and unassigned characters, half surrogate pairs.
 */
const NOT_IN_A_TAG = /[\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;
const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Returns the title that Claude Code would write for this text: trimmed, with each run of control and other invisible
 * characters as one space. Throws USAGE if no character is visible, or for more than 200 code points, which Claude Code
 * would cut. Source: docs/storage.md, "Titles".
 */
export function checkTitle(text: string): string {
  return checked('title', text.replace(UNSEEN, ' ').trim());
}

/**
 * Returns the tag that the Agent SDK would write for this text: in compatibility form (NFKC), trimmed, without
 * invisible characters. Throws USAGE if no character is visible, for control characters or line ends inside, and for
 * more than 200 code points. Source: docs/storage.md, "Tags".
 */
export function checkTag(text: string): string {
  const tag = (ASCII.test(text) ? text : composed(text)).trim();
  if (CONTROL_OR_LINE_END.test(tag))
    throw new CcsessError('USAGE', 'a tag must be one line without control characters.');
  return checked('tag', tag);
}

/** Repeats until nothing changes, since removing a character may let its neighbours combine. */
function composed(text: string): string {
  const next = text.normalize('NFKC').replace(NOT_IN_A_TAG, '');
  return next === text ? text : composed(next);
}

function checked(what: 'title' | 'tag', text: string): string {
  if (text.replace(INVISIBLE, '') === '')
    throw new CcsessError('USAGE', `a ${what} needs at least one visible character.`);
  const length = [...text].length;
  if (length > MAX_LENGTH)
    throw new CcsessError('USAGE', `a ${what} can have at most ${MAX_LENGTH} characters; this one has ${length}.`);
  return text;
}
