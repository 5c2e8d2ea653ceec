/**
 * Orders positions by their keys, equal ones by `tie`, and those with an infinite key last. Whole numbers are sorted
 * together with their positions as numbers alone, in a fraction of the time that calls of a function take.
 */
export function orderByKey(
  positions: readonly number[],
  keys: Float64Array,
  tie: (a: number, b: number) => number,
): number[] {
  const keyOf = (position: number): number => keys[position] ?? Infinity;
  let [min, max, count, isWhole] = [Infinity, -Infinity, 0, true];
  for (const position of positions) {
    const key = keyOf(position);
    if (key === Infinity) continue;
    count += 1;
    if (key < min) min = key;
    if (key > max) max = key;
    isWhole &&= Number.isInteger(key);
  }
  const size = positions.length;
  // For two infinite keys the difference is NaN, so the tie decides.
  if (!isWhole || (max - min + 1) * size > Number.MAX_SAFE_INTEGER)
    return [...positions].sort((a, b) => keyOf(a) - keyOf(b) || tie(a, b));
  const packed = new Float64Array(count);
  const last: number[] = [];
  let next = 0;
  for (const [at, position] of positions.entries()) {
    const key = keyOf(position);
    if (key === Infinity) last.push(position);
    else packed[next++] = (key - min) * size + at;
  }
  packed.sort();
  const ordered: number[] = [];
  for (let at = 0; at < count; ) {
    const first = at;
    const key = Math.floor((packed[first] ?? 0) / size);
    for (; at < count && Math.floor((packed[at] ?? 0) / size) === key; at += 1)
      ordered.push(positions[(packed[at] ?? 0) - key * size] ?? -1);
    // One by one, since there may be more than a call takes arguments.
    if (at > first + 1) for (const position of ordered.splice(first).sort(tie)) ordered.push(position);
  }
  return [...ordered, ...last.sort(tie)];
}
