import type { EntryTree } from './entry-tree.js';
import type { SkeletonNode } from '../skeleton.js';

/** Maximum time between an entry and the one that Claude Code takes for its predecessor. */
const MAX_GAP_MS = 5000;

/**
 * Finds the predecessor of an entry whose parent is missing: the newest entry that is not later and at most five
 * seconds earlier. Visited entries are never found.
 */
export class WrittenBefore {
  /** Sorted by time; entries of the same time in reverse file order. */
  readonly #sorted: readonly SkeletonNode[];
  readonly #positions: ReadonlyMap<SkeletonNode, number>;
  /** For each visited position, a lower one from which the search continues. */
  readonly #lower: number[] = [];

  constructor(tree: EntryTree) {
    const timed = tree.nodes.filter((node) => tree.isMain(node) && !Number.isNaN(node.timeMs));
    this.#sorted = timed.reverse().sort((a, b) => a.timeMs - b.timeMs);
    this.#positions = new Map(this.#sorted.map((node, position) => [node, position]));
  }

  visit(node: SkeletonNode): void {
    const position = this.#positions.get(node);
    if (position !== undefined) this.#lower[position] = position - 1;
  }

  find({ timeMs }: SkeletonNode): SkeletonNode | undefined {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle]?.timeMs ?? NaN) <= timeMs) low = middle + 1;
      else high = middle;
    }
    const found = this.#sorted[this.#notVisited(low - 1)];
    return found !== undefined && timeMs - found.timeMs <= MAX_GAP_MS ? found : undefined;
  }

  #notVisited(position: number): number {
    let end = position;
    for (let lower = this.#lower[end]; lower !== undefined; lower = this.#lower[end]) end = lower;
    for (let at = position; at > end; ) {
      const next = this.#lower[at] ?? end;
      this.#lower[at] = end;
      at = next;
    }
    return end;
  }
}
