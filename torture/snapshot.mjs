// The contents of a config dir, to be compared before and after.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Names that only a run at work, or a killed one, leaves. */
const LITTER =
  /\.ccsess-|\.(tmp|part|copied|moving|moved|restoring|emptying|joined)$|(?:^|\/)lock$|move\.journal|\/replaced(\/|$)/;

/** Every file, link and folder below a folder but for ccsess's own: mode, and for files size, time and hash. */
export function snapshot(folder) {
  const found = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!/^\.ccsess(?:\/|$)/.test(name)) found[name] = describe(path);
  }
  return found;
}

function describe(path) {
  const stats = lstatSync(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stats.isFile()) return `folder ${mode}`;
  return (
    `file ${mode} ${stats.size} ${Math.round(stats.mtimeMs)} ` +
    `${createHash('sha256').update(readFileSync(path)).digest('hex')}`
  );
}

/** The part of a snapshot that belongs to a session: all files and folders whose path names it. */
export function ofSession(tree, id) {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => path.includes(id)));
}

/** Paths at which two snapshots differ, with what each says. */
export function differences(before, after) {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths]
    .filter((path) => before[path] !== after[path])
    .map((path) => `${path}: ${before[path] ?? 'missing'} → ${after[path] ?? 'missing'}`);
}

/** Files that runs have left behind below folders. */
export function litterIn(folders) {
  return folders.flatMap((folder) => readdirSync(folder, { recursive: true }).filter((name) => LITTER.test(name)));
}
