import type { ByteSource } from '../../transcript/json/byte-source.js';
import { jsonText } from '../../transcript/json/json-text.js';
import { type JsonMember, JsonWalker } from '../../transcript/json/json-walker.js';

/** Members of an entry that get another value; undefined: the member is left out. */
export type Changes = ReadonlyMap<string, unknown>;

/**
 * Yields an entry's text as one line with some members changed and all else unchanged byte for byte: numbers, escapes
 * and texts of any length and depth. Members that the entry does not have are added at the end. The pieces may be kept.
 */
export function* splicedLine(text: ByteSource, changes: Changes): Generator<string | Buffer> {
  const walker = new JsonWalker(text);
  const { members, areDistinct } = membersOf(walker);
  const left = new Map(changes);
  let separator = '{';
  for (let at = 0; at < members.length; ) {
    const member = members[at];
    at += 1;
    if (member === undefined) break;
    if (!changes.has(member.name)) {
      let { end } = member;
      // Unchanged members are copied in runs. If a duplicate was dropped they may not be adjacent, and are copied one
      // by one.
      for (
        let next = areDistinct ? members[at] : undefined;
        next !== undefined && !changes.has(next.name);
        next = members[at]
      ) {
        end = next.end;
        at += 1;
      }
      yield separator;
      for (const piece of walker.pieces({ start: member.nameStart, end })) yield Buffer.from(piece);
    } else {
      const value = changes.get(member.name);
      left.delete(member.name);
      if (value === undefined) continue;
      yield `${separator}${JSON.stringify(member.name)}:${jsonText(value)}`;
    }
    separator = ',';
  }
  for (const [name, value] of left) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:${jsonText(value)}`;
    separator = ',';
  }
  yield separator === '{' ? '{}\n' : '}\n';
}

/**
 * The members of an entry as JSON.parse has them: among members of one name the last value counts, at the position of
 * the first.
 */
function membersOf(walker: JsonWalker): { members: JsonMember[]; areDistinct: boolean } {
  const all = Array.from(walker.members(walker.root));
  const byName = new Map<string, JsonMember>();
  for (const member of all) byName.set(member.name, member);
  const areDistinct = byName.size === all.length;
  return { members: areDistinct ? all : [...byName.values()], areDistinct };
}
