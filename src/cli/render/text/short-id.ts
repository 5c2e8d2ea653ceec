import { shortId } from '../../../claude/layout.js';

/** Returns for each id the length of its shortest unique prefix, 8 or more, among all ids of the index. */
export function idLengths(ids: readonly string[], all: readonly string[]): number[] {
  const alike = new Map<string, Set<string>>();
  for (const id of ids) alike.set(shortId(id), new Set());
  const starts = new Set(ids.map(startOf));
  // Comparing the first four characters first excludes nearly all ids.
  for (const id of all) if (starts.has(startOf(id))) alike.get(shortId(id))?.add(id);
  return ids.map((id) => {
    const others = [...(alike.get(shortId(id)) ?? [])].filter((other) => other !== id);
    let { length } = shortId(id);
    while (length < id.length && others.some((other) => other.startsWith(id.slice(0, length)))) length += 1;
    return length;
  });
}

/** Returns the first four characters as a number. */
function startOf(id: string): number {
  return (id.charCodeAt(0) << 24) ^ (id.charCodeAt(1) << 16) ^ (id.charCodeAt(2) << 8) ^ id.charCodeAt(3);
}
