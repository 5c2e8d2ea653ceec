import { CcsessError } from '../system/errors.js';
import { phrase, type OptionLabel } from '../system/phrase.js';

/** Returns the choice that equals the text. Throws USAGE that names all choices and suggests the nearest one. */
export function parseChoice<T extends string>(text: string, choices: readonly T[], name: OptionLabel): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const near = closest(text, choices);
  const meant = near === null ? '' : ` (did you mean ${near}?)`;
  throw new CcsessError('USAGE', phrase`${name} ${text}: not one of ${choices.join(', ')}${meant}.`);
}

/**
 * Returns the candidate nearest to `word` if it is close enough to be a typing error, else null: at most a share of
 * `maxErrors` of the characters is wrong.
 */
export function closest(word: string, candidates: readonly string[], maxErrors = 0.4): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length * maxErrors)) + 1;
  for (const candidate of candidates) {
    if (!candidate.startsWith(word) && Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = candidate.startsWith(word) && word.length > 1 ? 1 : editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * Returns the number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
 */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
