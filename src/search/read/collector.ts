import type { Counts, Match } from '../model.js';

/** Keeps the best matches of a file, in their order, and counts all. */
export class Collector {
  readonly #limit: number;
  #matches: Match[] = [];
  readonly #counts: Counts = {};

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(match: Match): void {
    this.#counts[match.kind] = (this.#counts[match.kind] ?? 0) + 1;
    this.#matches.push(match);
    // Twice as many as are kept, so that the choice among them is made seldom.
    if (this.#matches.length > 2 * this.#limit + 100) this.#matches = bestOf(this.#matches, this.#limit);
  }

  get result(): { matches: Match[]; counts: Counts } {
    return { matches: bestOf(this.#matches, this.#limit), counts: this.#counts };
  }
}

/** The matches with the highest scores, the earlier of equals, in the order given. */
export function bestOf(matches: readonly Match[], limit: number): Match[] {
  if (matches.length <= limit) return [...matches];
  const order = matches.map((_, at) => at);
  order.sort((a, b) => (matches[b]?.score ?? 0) - (matches[a]?.score ?? 0) || a - b);
  const kept = new Set(order.slice(0, limit));
  return matches.filter((_, at) => kept.has(at));
}
