/** An id in one of several lists. */
export interface IdPosition {
  list: number;
  at: number;
}

/** Returns the positions of each id (two words) that occurs more than once in the lists. */
export function sharedIds(lists: readonly Uint32Array[]): Iterable<IdPosition[]> {
  const total = lists.reduce((sum, ids) => sum + ids.length / 2, 0);
  const all = new Uint32Array(2 * total);
  const listOf = new Uint32Array(total);
  const starts: number[] = [];
  let next = 0;
  lists.forEach((ids, list) => {
    starts.push(next);
    all.set(ids, 2 * next);
    listOf.fill(list, next, (next += ids.length / 2));
  });
  const positionOf = (at: number): IdPosition => {
    const list = listOf[at] ?? 0;
    return { list, at: at - (starts[list] ?? 0) };
  };
  // A hash table with open addressing, at most half full: the first position of each id, counted from 1.
  const mask = 2 ** Math.ceil(Math.log2(2 * total + 2)) - 1;
  const slots = new Uint32Array(mask + 1);
  const shared = new Map<number, IdPosition[]>();
  for (let at = 0; at < total; at++) {
    const low = all[2 * at] ?? 0;
    const high = all[2 * at + 1] ?? 0;
    let slot = low & mask;
    for (let first = slots[slot] ?? 0; first !== 0; first = slots[slot] ?? 0) {
      if (all[2 * first - 2] === low && all[2 * first - 1] === high) break;
      slot = (slot + 1) & mask;
    }
    const first = slots[slot] ?? 0;
    if (first === 0) slots[slot] = at + 1;
    else {
      const positions = shared.get(first) ?? [positionOf(first - 1)];
      positions.push(positionOf(at));
      shared.set(first, positions);
    }
  }
  return shared.values();
}
