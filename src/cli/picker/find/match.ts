import uFuzzy from '@leeoniya/ufuzzy';

/** Texts of a session that a query is compared with, folded (`fold`). */
export interface SearchText {
  title: string;
  project: string;
  branch: string;
  tag: string;
  id: string;
  prompts: string;
}

/** The searched texts of a session. */
export interface Searchable {
  search: SearchText;
  /** Title, project, branch and tag, in which misspelt words are found too. */
  label: string;
}

/** Returns texts in the form in which they are searched. */
export function searchableOf(search: SearchText): Searchable {
  const { title, project, branch, tag } = search;
  return { search, label: [title, project, branch, tag].join(' ') };
}

/** Minimum length of a word that may be misspelt: shorter ones are one letter from too many others. */
const MIN_FUZZY_WORD = 4;
/** Maximum length of a word that may be misspelt: patterns grow with its square, and a key may be held down. */
const MAX_FUZZY_WORD = 32;
/** Maximum number of words in a query in which misspelt ones are looked for. */
const MAX_FUZZY_WORDS = 16;

/**
 * Returns text in the form used for comparison: without differences of case and of compatible forms (full and half
 * width).
 */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Words of a query, folded. */
export function wordsOf(query: string): string[] {
  return fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** Cost of a word by where it was found; the lowest counts. */
const COST = { titleStart: 1, title: 2, tag: 2, id: 2, project: 3, branch: 4, prompt: 6 } as const;
const PHRASE_BONUS = 1;

/** Returns the distance of a session from a query, lowest for the best match; null if it lacks a word. */
function distance({ search }: Searchable, words: readonly string[]): number | null {
  let sum = 0;
  for (const word of words) {
    const cost = costOf(search, word);
    if (cost === null) return null;
    sum += cost;
  }
  return words.length > 1 && search.title.includes(words.join(' ')) ? sum - PHRASE_BONUS : sum;
}

/** Returns the cost of a word; null if the session does not contain it. Of the id only the start counts. */
function costOf({ title, project, branch, tag, id, prompts }: SearchText, word: string): number | null {
  const at = title.indexOf(word);
  if (at >= 0) return startsWord(title, word, at) ? COST.titleStart : COST.title;
  if (tag.includes(word)) return COST.tag;
  if (id.startsWith(word)) return COST.id;
  if (project.includes(word)) return COST.project;
  if (branch.includes(word)) return COST.branch;
  return prompts.includes(word) ? COST.prompt : null;
}

/** Returns true if the word is found at the start of a word; `at` is its first position. */
function startsWord(text: string, word: string, at: number): boolean {
  for (let found = at; found >= 0; found = text.indexOf(word, found + 1))
    if (found === 0 || !isWordUnit(text.charCodeAt(found - 1))) return true;
  return false;
}

function isWordUnit(unit: number): boolean {
  if (unit < 0x80) return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
  return /[\p{L}\p{N}]/u.test(String.fromCharCode(unit));
}

/** A session whose texts may not be known yet. */
export interface Candidate {
  text: Searchable | null;
}

/** Sessions that contain all words of a query. */
export interface ExactMatches<Session> {
  /** In the order they were given. */
  inOrder: readonly Session[];
  /** The best first, equal ones in their order. */
  ranked: readonly Session[];
}

/** Returns the sessions that contain all words. */
export function exactMatches<Session extends Candidate>(
  sessions: readonly Session[],
  words: readonly string[],
): ExactMatches<Session> {
  const inOrder: Session[] = [];
  const byDistance: Session[][] = [];
  for (const session of sessions) {
    const found = session.text === null ? null : distance(session.text, words);
    if (found === null) continue;
    inOrder.push(session);
    (byDistance[found] ??= []).push(session);
  }
  return { inOrder, ranked: byDistance.flat() };
}

/** Returns true if words with one wrong, missing, extra or swapped letter are worth looking for. */
export function canBeMisspelt(words: readonly string[]): boolean {
  if (words.length > MAX_FUZZY_WORDS || words.some((word) => word.length > MAX_FUZZY_WORD)) return false;
  return words.every((word) => /^[\p{L}\p{N}]+$/u.test(word)) && words.some((word) => word.length >= MIN_FUZZY_WORD);
}

let fuzzy: uFuzzy | undefined;

/** Returns the sessions whose labels contain each word with at most one wrong letter, in their order. */
export function misspeltMatches<Session extends Candidate>(
  sessions: readonly Session[],
  words: readonly string[],
): Session[] {
  fuzzy ??= new uFuzzy({ unicode: true, intraMode: 1, interSplit: '[^\\p{L}\\d]+', intraSplit: '\\p{Ll}\\p{Lu}' });
  const labels = sessions.map(({ text }) => text?.label ?? '');
  // Words are searched one by one, since their order in the label does not matter.
  let found: number[] | null = null;
  for (const word of words) found = fuzzy.filter(labels, word, found ?? undefined) ?? [];
  return (found ?? []).flatMap((at) => sessions[at] ?? []);
}

/** Returns the ranges of a text in which words of a query are found, sorted and without overlaps. */
export function rangesIn(text: string, words: readonly string[]): [start: number, end: number][] {
  const folded = text.toLowerCase();
  // A character with another length in lower case would shift the positions.
  if (folded.length !== text.length) return [];
  const ranges: [number, number][] = [];
  for (const word of words)
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length))
      ranges.push([at, at + word.length]);
  ranges.sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [start, end] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
