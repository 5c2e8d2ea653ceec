/** An array or object that is being written: its remaining members and its closing bracket. */
interface OpenContainer {
  rest: Iterator<readonly [prefix: string, value: unknown]>;
  close: string;
  isEmpty: boolean;
}

/**
 * Returns the JSON of a value nested to any depth; values too deep for `JSON.stringify` are written without
 * indentation. Throws a RangeError if the text is longer than a string can be.
 */
export function jsonText(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return Array.from(deepJson(value)).join('');
  }
}

/** Yields the JSON of a value piece by piece, without recursion. */
function* deepJson(value: unknown): Generator<string> {
  const open: OpenContainer[] = [];
  let next: unknown = value;
  for (;;) {
    if (typeof next === 'object' && next !== null) {
      yield Array.isArray(next) ? '[' : '{';
      const [rest, close] = Array.isArray(next) ? [elementsOf(next), ']'] : [membersOf(next), '}'];
      open.push({ rest, close, isEmpty: true });
    } else yield JSON.stringify(next ?? null);
    let step = open.at(-1)?.rest.next();
    while (step?.done === true) {
      yield open.pop()?.close ?? '';
      step = open.at(-1)?.rest.next();
    }
    const container = open.at(-1);
    if (step === undefined || container === undefined) return;
    const [prefix, inner] = step.value;
    yield container.isEmpty ? prefix : `,${prefix}`;
    container.isEmpty = false;
    next = inner;
  }
}

function* elementsOf(array: readonly unknown[]): Generator<readonly [string, unknown]> {
  for (const value of array) yield ['', value];
}

function* membersOf(object: object): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(object))
    if (value !== undefined) yield [`${JSON.stringify(name)}:`, value];
}
