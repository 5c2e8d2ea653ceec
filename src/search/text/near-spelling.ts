import { closest } from '../../grammar/choice.js';
import type { SessionRecord } from '../../session-index/record.js';
import { fold } from '../query/fold.js';
import type { SearchQuery } from '../query/model.js';

/** Minimum length of a word; shorter ones resemble too many others. */
const MIN_LENGTH = 4;
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]+/gu;

/**
 * Returns the query with words that occur in no title or prompt of the sessions replaced by the nearest word that does;
 * null if none is near enough.
 */
export function nearSpelling(
  { terms }: SearchQuery,
  records: readonly Pick<SessionRecord, 'title' | 'firstPrompt' | 'lastPrompt'>[],
): string | null {
  // All texts are joined, so that they are folded and divided into words at once.
  const texts = records.flatMap(({ title, firstPrompt, lastPrompt }) => [title, firstPrompt, lastPrompt]);
  const words = new Set(fold(texts.filter((text) => text !== null).join('\n'), false).match(WORDS));
  let isChanged = false;
  const meant = terms.map((term) => {
    if (term.kind === 'regexp') return `/${term.source}/${term.flags}`;
    const wanted = fold(term.text, false);
    const isKnown = wanted.length < MIN_LENGTH || /\s/.test(wanted) || [...words].some((word) => word.includes(wanted));
    const near = isKnown ? null : closest(wanted, [...words].filter(isNearLength(wanted)));
    isChanged ||= near !== null;
    return near ?? term.text;
  });
  return isChanged ? meant.join(' ') : null;
}

function isNearLength(wanted: string): (word: string) => boolean {
  const reach = wanted.length < 8 ? 1 : 2;
  return (word) => Math.abs(word.length - wanted.length) <= reach;
}
