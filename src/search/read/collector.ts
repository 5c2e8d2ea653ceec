import type { SkeletonNode } from '../../transcript/skeleton.js';
import type { Counts, Match } from '../model.js';
import type { PartKind } from '../text/parts.js';

/** Keeps the best matches of a file, in their order, and counts all. */
export class Collector {
  readonly #limit: number;
  #matches: Match[] = [];
  readonly #counts: Counts = {};
  readonly #nodes = new WeakMap<Match, SkeletonNode>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts a match without keeping it. */
  count(kind: PartKind): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
  }

  /** `node` is the match's message. */
  add(match: Match, node: SkeletonNode): void {
    this.#nodes.set(match, node);
    this.count(match.kind);
    this.#matches.push(match);
    // Well above the limit, so that the best are chosen rarely.
    if (this.#matches.length > 2 * this.#limit + 100) this.#matches = bestOf(this.#matches, this.#limit);
  }

  /** Adds to each kept match the members that `membersOf` returns for its message. */
  complete(membersOf: (node: SkeletonNode) => Partial<Match>): void {
    this.#matches = bestOf(this.#matches, this.#limit);
    for (const match of this.#matches) {
      const node = this.#nodes.get(match);
      if (node !== undefined) Object.assign(match, membersOf(node));
    }
  }

  get isEmpty(): boolean {
    return Object.keys(this.#counts).length === 0;
  }

  get result(): { matches: Match[]; counts: Counts } {
    return { matches: bestOf(this.#matches, this.#limit), counts: this.#counts };
  }
}

/** Returns the matches with the highest scores, the earlier ones first among equals, in their original order. */
export function bestOf(matches: readonly Match[], limit: number): Match[] {
  if (matches.length <= limit) return [...matches];
  const order = matches.map((_, at) => at);
  order.sort((a, b) => (matches[b]?.score ?? 0) - (matches[a]?.score ?? 0) || a - b);
  const kept = new Set(order.slice(0, limit));
  return matches.filter((_, at) => kept.has(at));
}
