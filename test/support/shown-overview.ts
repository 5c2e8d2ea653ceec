import type { PruneOverview } from '../../src/retention/plan/summary/overview.js';

/** Returns what a screen shows of the plan of a prune, in an order that can be compared. */
export function shownOverview({ plan, shares, largest }: PruneOverview): unknown {
  const { remove, keep, totals, problems } = plan;
  const sizes = remove.map(({ footprintBytes, reasons }) => JSON.stringify([footprintBytes, reasons]));
  const projects = shares.map(({ configDir, cwd, projectDir, removed, removedBytes, kept, keptBytes }) => {
    return { configDir, cwd, projectDir, removed, removedBytes, kept, keptBytes };
  });
  const names = largest.map(({ candidate: { id, projectDir, ageMs }, removal: { footprintBytes, reasons } }) => {
    return { id, projectDir, ageMs, footprintBytes, reasons };
  });
  const kept = keep.map(({ wanted, reasons }) => JSON.stringify([wanted, reasons]));
  return { remove: sizes.sort(), keep: kept.sort(), totals, problems, projects, names };
}
