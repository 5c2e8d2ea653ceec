import { shortId } from '../../../claude/layout.js';

/** For each id the least length, 8 or more, at which no other id of the index begins like it. */
export function idLengths(ids: readonly string[], all: readonly string[]): number[] {
  const alike = new Map<string, Set<string>>();
  for (const id of ids) alike.set(shortId(id), new Set());
  const starts = new Set(ids.map(startOf));
  // Of tens of thousands hardly any begins alike, which four characters show.
  for (const id of all) if (starts.has(startOf(id))) alike.get(shortId(id))?.add(id);
  return ids.map((id) => {
    const others = [...(alike.get(shortId(id)) ?? [])].filter((other) => other !== id);
    let { length } = shortId(id);
    while (length < id.length && others.some((other) => other.startsWith(id.slice(0, length)))) length += 1;
    return length;
  });
}

/** The first four characters as a number. */
function startOf(id: string): number {
  return (id.charCodeAt(0) << 24) ^ (id.charCodeAt(1) << 16) ^ (id.charCodeAt(2) << 8) ^ id.charCodeAt(3);
}
