const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/**
 * Returns the ids that are in a list more than once. Uses a hash table of positions, which is several times faster than
 * a set of strings for tens of thousands of ids.
 */
export function repeatedIds(ids: readonly string[]): ReadonlySet<string> {
  const repeated = new Set<string>();
  const slots = new Int32Array(2 ** (32 - Math.clz32(2 * ids.length + 1)));
  const mask = slots.length - 1;
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at] ?? '';
    let slot = hashOf(id) & mask;
    for (let other = slots[slot] ?? 0; other !== 0; other = slots[slot] ?? 0) {
      if (ids[other - 1] === id) {
        repeated.add(id);
        break;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = at + 1;
  }
  return repeated;
}

function hashOf(id: string): number {
  let hash = HASH_START;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), HASH_FACTOR);
  return hash ^ (hash >>> 15);
}
