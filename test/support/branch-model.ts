import type { SkeletonNode } from '../../src/transcript/skeleton.js';

/**
 * The chain that a resume sends, stated anew and slowly, one sentence of docs/storage.md after the other: for
 * comparison with `activeBranch`. Parallel calls and preserved segments are left out.
 */
export function modelChain(lines: readonly SkeletonNode[], leaf: string | null): SkeletonNode[] {
  // Of entries with one uuid the last counts.
  let entries = lines.filter((one, at) => !lines.slice(at + 1).some((later) => later.uuid === one.uuid));
  const isMain = (one: SkeletonNode): boolean => !one.isSidechain && one.type !== 'progress';
  const parents = new Map(
    entries.map((one, at) => [
      one,
      one.parentUuid !== undefined || !isMain(one)
        ? (one.parentUuid ?? null)
        : (entries.slice(0, at).findLast(isMain)?.uuid ?? null),
    ]),
  );
  const called = (uuid: unknown): SkeletonNode | undefined => entries.find((one) => one.uuid === uuid);
  const above = (one: SkeletonNode): SkeletonNode | undefined => called(parents.get(one));

  // Preserved entries come behind the summary, and what followed the summary comes behind them.
  const boundaries = entries.filter((one) => one.compact !== null && isMain(one));
  let kept: SkeletonNode[] = [];
  let anyKept = false;
  for (const boundary of boundaries) {
    const names = boundary.compact?.['preservedMessages'] as { anchorUuid: string; uuids: string[] } | undefined;
    const anchor = called(names?.anchorUuid);
    const found = (names?.uuids ?? []).map(called);
    kept = anchor === undefined || found.includes(undefined) ? [] : (found as SkeletonNode[]);
    if (anchor === undefined || kept.length === 0) continue;
    anyKept = true;
    for (const one of entries)
      if (parents.get(one) === anchor.uuid && !kept.includes(one)) parents.set(one, kept.at(-1)!.uuid);
    kept.forEach((one, at) => parents.set(one, at === 0 ? anchor.uuid : kept[at - 1]!.uuid));
  }
  // Then nothing else from before the last boundary is left; what followed it follows what was preserved.
  if (anyKept) {
    const lastBoundary = boundaries.at(-1)!;
    const gone = entries.slice(0, entries.indexOf(lastBoundary)).filter((one) => !kept.includes(one));
    for (const one of entries) {
      const parent = above(one);
      if (
        kept.length > 0 &&
        one !== lastBoundary &&
        !gone.includes(one) &&
        parent !== undefined &&
        gone.includes(parent)
      )
        parents.set(one, kept.at(-1)!.uuid);
    }
    entries = entries.filter((one) => !gone.includes(one));
  }

  const lineage = (one: SkeletonNode, below: SkeletonNode[] = []): SkeletonNode[] => {
    const parent = above(one);
    const path = [...below, one];
    return parent === undefined || path.includes(parent) ? path : lineage(parent, path);
  };
  const isOfMessage = (one: SkeletonNode): boolean =>
    lineage(one).some(({ type }) => type === 'user' || type === 'assistant');

  // The tip is the last entry of a message, unless the named one does not lead there.
  const written = entries.findLast((one) => isMain(one) && isOfMessage(one)) ?? entries.findLast(isMain);
  // If the tip repeats an earlier entry, the newest entry below that one counts.
  const below = entries.filter(
    (one) => isMain(one) && written !== undefined && one.timeMs > written.timeMs && lineage(one).includes(written),
  );
  const depth = (one: SkeletonNode): number => (written === undefined ? 0 : lineage(one).indexOf(written));
  const last = below.sort((a, b) => a.timeMs - b.timeMs || depth(a) - depth(b)).at(-1) ?? written;
  const named = leaf === null ? undefined : called(leaf);
  const isFollowed =
    named !== undefined && last !== undefined && isMain(named) && isOfMessage(named) && !lineage(last).includes(named);

  // A missing parent, or one that was passed already, is what was written in the five seconds before; progress notes
  // do not count as children, and sidechains have no such parent.
  const up = (one: SkeletonNode, below: SkeletonNode[]): SkeletonNode[] => {
    const path = [...below, one];
    if (one.compact !== null || (parents.get(one) || null) === null) return path;
    const parent = above(one);
    if (parent !== undefined && !path.includes(parent)) return up(parent, path);
    const child = path.findLast(({ type }) => type !== 'progress') ?? one;
    const recent = entries.filter(
      (other) =>
        isMain(child) &&
        isMain(other) &&
        !path.includes(other) &&
        other.timeMs <= child.timeMs &&
        child.timeMs - other.timeMs <= 5000,
    );
    const newest = recent.find(({ timeMs }) => timeMs === Math.max(...recent.map((other) => other.timeMs)));
    return newest === undefined ? path : up(newest, path);
  };
  const tip = isFollowed ? named : last;
  return tip === undefined ? [] : up(tip, []).reverse();
}
