/** Returns the items with the first one read already, so that what cannot be read is an error before any output. */
export function begun<T>(items: Iterable<T>): Iterable<T> {
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
