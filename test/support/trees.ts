import {
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { answerLine, promptLine } from './transcripts.js';
import { temporaryFolder } from './temporary.js';

/** For each path, its kind and everything else that a restore must bring back; times in whole milliseconds. */
export type Snapshot = Record<string, string>;

/**
 * Everything below a folder except what ccsess keeps for itself; links are not followed. The times of folders are left
 * out, since they change with every name in them.
 */
export function snapshot(root: string): Snapshot {
  const found: Snapshot = {};
  const inodes = new Map<number, string>();
  const walk = (path: string): void => {
    for (const name of readdirSync(join(root, path)).sort()) {
      if (path === '' && name === '.ccsess') continue;
      const below = join(path, name);
      const stats = lstatSync(join(root, below));
      const mode = (stats.mode & 0o7777).toString(8);
      const mtime = Math.round(stats.mtimeMs);
      if (stats.isSymbolicLink()) found[below] = `link ${readlinkSync(join(root, below))}`;
      else if (stats.isDirectory()) found[below] = `folder ${mode}`;
      else found[below] = `file ${mode} ${mtime} ${inodes.get(stats.ino) ?? readFileSync(join(root, below), 'latin1')}`;
      if (stats.isDirectory()) walk(below);
      else if (stats.nlink > 1 && !inodes.has(stats.ino)) inodes.set(stats.ino, `same as ${below}`);
    }
  };
  walk('');
  return found;
}

/** The part of a snapshot that belongs to a session, by its id in the paths. */
export function ofSession(tree: Snapshot, id: string): Snapshot {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => path.includes(id)));
}

/** A project dir of the sessions that `writeSession` makes. */
export const PROJECT = '-home-dev-app';

/**
 * Writes a session with everything that one can have: side folder, subagents, links, hard links, odd names and modes,
 * files named by its id.
 */
export function writeSession(configDir: string, id: string, at = '2026-09-01T10:00:00.000Z'): void {
  const project = join(configDir, 'projects', PROJECT);
  const filler = 'words and '.repeat(600);
  const put = (path: string, text: string, mode = 0o600): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    utimesSync(path, new Date(at), new Date(at));
  };
  put(
    join(project, `${id}.jsonl`),
    promptLine(`Prompt of ${id}: ${filler}`, { sessionId: id, timestamp: at }) +
      answerLine(`msg_${id}`, 'Yes.', { sessionId: id, timestamp: at }),
  );
  put(
    join(project, id, 'subagents', 'agent-a1.jsonl'),
    promptLine(`Look: ${filler}`, { sessionId: id, isSidechain: true, timestamp: at }),
    0o640,
  );
  put(join(project, id, 'tool-results', 'odd\nname.txt'), 'output', 0o400);
  put(join(project, id, 'custom-title.json'), `{"customTitle":"Title of ${id}"}`);
  symlinkSync('/etc/hostname', join(project, id, 'tool-results', 'outside'));
  lutimesSync(join(project, id, 'tool-results', 'outside'), new Date(at), new Date(at));
  put(join(configDir, 'file-history', id, 'aa@v1'), 'before');
  linkSync(join(configDir, 'file-history', id, 'aa@v1'), join(configDir, 'file-history', id, 'aa@v2'));
  mkdirSync(join(configDir, 'session-env', id), { recursive: true });
  put(join(configDir, 'debug', `${id}.txt`), 'debug');
}

/** A fresh config dir. */
export function emptyConfigDir(): string {
  return temporaryFolder('trees');
}
