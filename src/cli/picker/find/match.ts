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

/** A text that is searched, and the length of its short texts, in which misspelt words are found too. */
export interface Searchable {
  search: SearchText;
  /** All texts of `search`. */
  all: string;
  /** Title, project, branch and tag. */
  label: string;
}

/** Below this number of exact matches, words with one wrong, missing, extra or swapped letter match as well. */
const MIN_EXACT = 12;
/** Shorter words have too many neighbours. */
const MIN_FUZZY_WORD = 4;
/** Comparing more sessions letter by letter would take longer than a frame. */
const MAX_FUZZY = 30_000;

/** Text in the form that is compared: compatible forms (full and half width) and cases are one. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Words of a query, folded. */
export function wordsOf(query: string): string[] {
  return fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** Costs of a word by where it was found; the best place counts. */
const COST = { titleStart: 1, title: 2, tag: 2, id: 2, project: 3, branch: 4, prompt: 6 } as const;
const PHRASE_BONUS = 1;
const NOT_FOUND = -1;

/** Returns how far a session is from a query, the least for the best match; null if a word is nowhere in it. */
function distance({ search, all }: Searchable, words: readonly string[]): number | null {
  let sum = 0;
  for (const word of words) if (!all.includes(word)) return null;
  for (const word of words) {
    const cost = costOf(search, word);
    if (cost === NOT_FOUND) return null;
    sum += cost;
  }
  return words.length > 1 && search.title.includes(words.join(' ')) ? sum - PHRASE_BONUS : sum;
}

function costOf({ title, project, branch, tag, id, prompts }: SearchText, word: string): number {
  const at = title.indexOf(word);
  if (at >= 0) return startsWord(title, word, at) ? COST.titleStart : COST.title;
  if (tag.includes(word)) return COST.tag;
  if (id.startsWith(word)) return COST.id;
  if (project.includes(word)) return COST.project;
  if (branch.includes(word)) return COST.branch;
  return prompts.includes(word) ? COST.prompt : NOT_FOUND;
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

/** Sessions that match a query exactly, and then those with a misspelt word. */
export interface Matching<Session> {
  exact: Session[];
  misspelt: Session[];
}

/**
 * Returns the sessions that match all words, the best first, equal ones in their order. With few exact matches, misspelt
 * words of the labels are looked for as well, among `all`: `sessions` may be the matches of a part of the query.
 */
export function matching<Session extends Candidate>(
  sessions: readonly Session[],
  words: readonly string[],
  all: readonly Session[] = sessions,
): Matching<Session> {
  const byDistance: Session[][] = [];
  let count = 0;
  for (const session of sessions) {
    const found = session.text === null ? null : distance(session.text, words);
    if (found === null) continue;
    (byDistance[found] ??= []).push(session);
    count++;
  }
  const exact = byDistance.flat();
  return { exact, misspelt: count < MIN_EXACT ? misspelt(all, words, new Set(exact)) : [] };
}

let fuzzy: uFuzzy | undefined;

function misspelt<Session extends Candidate>(
  sessions: readonly Session[],
  words: readonly string[],
  exact: ReadonlySet<Session>,
): Session[] {
  if (sessions.length > MAX_FUZZY || !words.every((word) => /^[\p{L}\p{N}]+$/u.test(word))) return [];
  if (!words.some((word) => word.length >= MIN_FUZZY_WORD)) return [];
  fuzzy ??= new uFuzzy({ unicode: true, intraMode: 1, interSplit: '[^\\p{L}\\d]+', intraSplit: '\\p{Ll}\\p{Lu}' });
  const labels = sessions.map(({ text }) => text?.label ?? '');
  // One word after the other: their order in the label does not matter.
  let found: number[] | null = null;
  for (const word of words) found = fuzzy.filter(labels, word, found ?? undefined) ?? [];
  return (found ?? []).flatMap((at) => sessions[at] ?? []).filter((session) => !exact.has(session));
}

/** Returns the ranges of a text in which words of a query are found, sorted and without overlaps. */
export function rangesIn(text: string, words: readonly string[]): [start: number, end: number][] {
  const folded = text.toLowerCase();
  // Positions would be off if a character had another length in lower case.
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
