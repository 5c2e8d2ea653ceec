/** Returns the items with the first one already read, so that an unreadable source fails before any output. */
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
