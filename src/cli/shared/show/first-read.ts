/** Reads the first item at once, so that a source that cannot be read fails before any output. Yields all items. */
export function withFirstRead<T>(items: Iterable<T>): Iterable<T> {
  const source = items[Symbol.iterator]();
  const first = source.next();
  return (function* () {
    try {
      for (let next = first; next.done !== true; next = source.next()) yield next.value;
    } finally {
      source.return?.();
    }
  })();
}
