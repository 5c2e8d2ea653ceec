// The plan of a corpus: its sessions with their sizes, projects and start times. Pure; the same size gives the same
// plan.
import { Random } from './random.mjs';

const MB = 1_000_000;

/**
 * Real homes hold many small sessions and a few huge ones: sizes are log-normal around 150 kB, `spread` is their
 * sigma, and `huge` lists the sizes of the biggest. `bytes` is the target for all transcripts; each ends with a whole
 * turn, and subagents are not included, so that a corpus is about a quarter bigger: S 111 MB, M 2.1 GB, L 6.8 GB in
 * 26,145 transcripts.
 */
export const SIZES = {
  T: { sessions: 40, projects: 6, bytes: 5 * MB, spread: 1, huge: [1 * MB] },
  S: { sessions: 300, projects: 60, bytes: 86 * MB, spread: 1.2, huge: [12 * MB] },
  M: { sessions: 3_000, projects: 130, bytes: 1_860 * MB, spread: 1.5, huge: [200 * MB, 90 * MB, 60 * MB, 40 * MB] },
  L: {
    sessions: 20_000,
    projects: 260,
    bytes: 5_450 * MB,
    spread: 1.15,
    huge: [202 * MB, 120 * MB, 80 * MB, 60 * MB, 50 * MB, 40 * MB, 30 * MB],
  },
};

const TYPICAL_BYTES = 150_000;
const MIN_BYTES = 1_500;
const MAX_USUAL_BYTES = 40 * MB;
const FIRST_START_MS = Date.UTC(2026, 5, 1);
const LAST_START_MS = Date.UTC(2026, 10, 20);

const PARENTS = ['work', 'src', 'oss', 'clients/north', 'clients/Über GmbH', 'play'];
const NAMES = [
  'api',
  'web.app',
  'billing_service',
  'infra',
  'docs',
  'mobile',
  'parser',
  'etl',
  'site',
  'dotfiles',
  'engine',
  'tools',
];

/** Returns `{ index, id, bytes, cwd, projectDir, startMs }` for each session. */
export function planCorpus(size) {
  const { sessions, projects, bytes, spread, huge } = SIZES[size];
  const random = new Random(`plan ${size}`);
  const folders = Array.from(
    { length: projects },
    (_, i) => `/home/dev/${random.pick(PARENTS)}/${random.pick(NAMES)}-${i}`,
  );
  const usual = usualSizes(random, sessions - huge.length, bytes - huge.reduce((sum, one) => sum + one, 0), spread);
  return [...huge, ...usual].map((target, index) => {
    const cwd = index < projects ? folders[index] : folders[Math.floor(projects * random.next() ** 2)];
    return {
      index,
      id: random.uuid(),
      bytes: target,
      cwd,
      projectDir: cwd.replaceAll(/[^A-Za-z0-9]/g, '-'),
      startMs: Math.floor(random.between(FIRST_START_MS, LAST_START_MS)),
    };
  });
}

/**
 * Log-normal sizes that add up to about `total`: the upper half is stretched until they do, so the typical session
 * stays typical.
 */
function usualSizes(random, count, total, spread) {
  const logs = Array.from({ length: count }, () => random.normal() * spread);
  const sizeOf = (log, stretch) =>
    Math.round(Math.min(MAX_USUAL_BYTES, Math.max(MIN_BYTES, TYPICAL_BYTES * Math.exp(log > 0 ? log * stretch : log))));
  const sum = (stretch) => logs.reduce((all, log) => all + sizeOf(log, stretch), 0);
  let [low, high] = [0.2, 5];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (sum(middle) < total) low = middle;
    else high = middle;
  }
  return logs.map((log) => sizeOf(log, low));
}
