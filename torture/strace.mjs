// Kills of a program before a chosen system call, by strace.

/** The calls that change a disk, for a program that is to be killed before one of them. */
const CALLS = [
  'write',
  'pwrite64',
  'writev',
  'fsync',
  'rename',
  'link',
  'unlink',
  'mkdir',
  'rmdir',
  'copy_file_range',
  'utimensat',
  'chmod',
  'fchmod',
  'ftruncate',
];

/** The command line that kills a program before a call. */
export function killAt({ call, count }) {
  const kill = ['-e', `inject=${call}:signal=SIGKILL:when=${count}`];
  return ['strace', '-f', '-o', '/dev/null', '-e', `trace=${CALLS.join(',')}`, ...kill];
}

/** The command line that records the calls of a program in a file, for `pointsIn`. */
export function recordIn(log) {
  return ['strace', '-f', '-y', '-o', log, '-e', `trace=${CALLS.join(',')}`];
}

/**
 * The calls of a recorded run that change something below the folders, each with its number among the calls of its name
 * in its thread, as strace counts. Two of each name come first, the others in random order.
 */
export function pointsIn(log, folders, random) {
  const counts = new Map();
  const points = new Map();
  for (const line of log.split('\n')) {
    const [, thread, call] = /^(\d+)\s+(\w+)\(/.exec(line) ?? [];
    if (call === undefined) continue;
    const key = `${thread} ${call}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (folders.some((folder) => line.includes(folder))) points.set(`${call} ${count}`, { call, count });
  }
  const shuffled = [...points.values()]
    .map((point) => ({ point, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ point }) => point);
  const seen = new Map();
  const rank = (point) => {
    seen.set(point.call, (seen.get(point.call) ?? 0) + 1);
    return seen.get(point.call) <= 2 ? 0 : 1;
  };
  return shuffled
    .map((point) => ({ point, rank: rank(point) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ point }) => point);
}
