import type { ConfigDir, TranscriptFile } from '../claude/model.js';
import type { Problem } from '../system/problem.js';
import { localSystem, readLiveRegistry, type LiveRegistry, type System } from '../claude/live/live-registry.js';
import { readCleanupPolicies } from '../claude/cleanup/cleanup-policies.js';
import { MANAGED_SETTINGS_FOLDERS } from '../claude/cleanup/cleanup-policy.js';
import { scanConfigDirs } from '../claude/scan/scan.js';
import { archivedState, isPinned } from '../claude/sidecars.js';
import { type SessionFacts } from './facts.js';
import { SessionCache } from './refresh/session-cache.js';
import type { IndexOptions, SessionIndex } from './session-index.js';
import { type Source } from './table-row.js';
import { OpenIndex } from './open-index.js';

/**
 * Opens the index of the given config dirs: scans them, reads changed sessions, and updates the stored index. Never
 * fails because of files on disk; without a usable stored index everything is read. Rejects when aborted.
 */
export async function openSessionIndex(options: IndexOptions): Promise<SessionIndex> {
  const system = options.system ?? localSystem();
  const caches = new Map<string, SessionCache>();
  for (const { projectsRoot } of options.configDirs) {
    if (!caches.has(projectsRoot))
      caches.set(projectsRoot, new SessionCache(options.cacheDir, projectsRoot, options.onRejected));
  }
  // Without a stored index, everything that the scan finds must be read.
  const threads = [...caches.values()].every(({ isEmpty }) => isEmpty)
    ? new (await import('./refresh/threads.js')).Threads()
    : undefined;
  try {
    let bytes = 0;
    const scan = scanConfigDirs(options.configDirs, {
      recall: ({ projectsRoot }, projectDir) => caches.get(projectsRoot)?.recall(projectDir),
      nowMs: options.now(),
      onListed: ({ transcripts }) =>
        threads?.expect((bytes += transcripts.reduce((sum, { stamp }) => sum + stamp.size, 0))),
      ...(options.around === undefined ? {} : { around: [...new Set([options.around, options.around.toLowerCase()])] }),
    });
    const parts: Part[] = [];
    for (const [root, cache] of caches) {
      const folders = scan.folders.filter(({ configDir }) => configDir.projectsRoot === root);
      const { files, table } = await cache.refresh(folders, { ...options, threads });
      const paths = options.paths === true ? await cache.touchedPaths(table, files, options) : null;
      parts.push({ cache, files, table, paths });
    }
    const readLive =
      options.processes === true ? (await import('../claude/live/holders.js')).readHolders : readLiveRegistry;
    return openIndex(parts, scan.problems, { ...options, system, readLive });
  } finally {
    threads?.end();
  }
}

/** The sessions of one projects folder. */
type Part = Pick<Source, 'cache' | 'files' | 'table' | 'paths'>;

/** Options of an index with its defaults filled in. */
interface OpenOptions extends IndexOptions {
  system: System;
  readLive: (configDirs: readonly ConfigDir[], system: System) => LiveRegistry;
}

function openIndex(parts: readonly Part[], problems: readonly Problem[], options: OpenOptions): OpenIndex {
  // Read last, since reading transcripts may take a while, and live sessions must be those of now.
  const live = options.readLive(options.configDirs, options.system);
  const nowMs = options.now();
  const cleanup = readCleanupPolicies(options.configDirs, MANAGED_SETTINGS_FOLDERS[options.system.platform], nowMs);
  const sources = parts.map((part): Source => {
    const rowsWith = (name: string, isSet: (file: TranscriptFile, row: number) => boolean): ReadonlySet<number> =>
      new Set(part.files.withSideEntry(name).filter((row) => isSet(part.files.at(row), row)));
    const archived = rowsWith('archived.json', (file, row) => isArchived(file, part.table.lastPromptMs(row)));
    return { ...part, archived, pinned: rowsWith('pinned.json', isPinned), live, nowMs, cleanup };
  });
  const unreadable = parts.flatMap(({ cache, files, table }) =>
    table.unreadable.flatMap((row) => unreadableFiles(cache.facts(files.at(row), table.facts(row)))),
  );
  return new OpenIndex(sources, { ...options, cleanup }, [...problems, ...live.problems, ...unreadable]);
}

/** Problems with files of a session that could not be read at all; damage within files is in its record. */
function unreadableFiles({ problems }: SessionFacts): Problem[] {
  return problems.filter(({ code }) => code === 'unreadable');
}

/** Returns true for a session that was archived and not prompted since (docs/storage.md). */
function isArchived(file: TranscriptFile, lastPromptMs: number | null): boolean {
  const state = archivedState(file);
  if (state === null || !state.archived) return false;
  return lastPromptMs === null || !(lastPromptMs > Date.parse(state.at));
}
