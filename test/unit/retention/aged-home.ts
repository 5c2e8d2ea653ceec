import { lutimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../src/claude/environment.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { promptLine } from '../../support/transcripts.js';
import { configDirs, disk, id, put } from '../claude/disk.js';

export const DAY = 24 * 60 * 60 * 1000;

/** A config dir on disk with its open index. */
export interface Home {
  root: string;
  index: SessionIndex;
  environment: Environment;
}

/**
 * A session: its folder, days since its activity and since its files changed, and whether its times are to be renewed.
 */
export interface Plan {
  folder: string;
  activeDays: number;
  days: number;
  partDays: number;
  renew: boolean;
}

const partsOf = (n: number): string[] => [
  `projects/SIDE/${id(n)}/tool-results/a.txt`,
  `projects/SIDE/${id(n)}/subagents/agent-x.jsonl`,
  `file-history/${id(n)}/h@v1`,
  `tasks/${id(n)}/1.json`,
];

/** The home as it is now. */
export async function open(root: string): Promise<Home> {
  const environment: Environment = {
    configDirs: configDirs(root),
    now: () => NOW,
    system: IDLE,
    env: {},
    home: '/nowhere',
    cwd: '/',
  };
  return {
    root,
    environment,
    index: await openSessionIndex({ configDirs: environment.configDirs, cacheDir: null, now: () => NOW, system: IDLE }),
  };
}

/**
 * A home with one session a plan, `id(n)` the n-th: transcript, results of tools, a subagent, file history and tasks.
 */
export async function homeOf(sessions: readonly Plan[], settings = '{}'): Promise<Home> {
  const root = disk({ 'settings.json': settings });
  sessions.forEach(({ folder, activeDays, days, partDays }, n) => {
    const timestamp = new Date(NOW - activeDays * DAY).toISOString();
    const side = folder.replace(/\W/g, '-');
    const parts = partsOf(n).map((path) => path.replace('SIDE', side));
    put(root, {
      [`projects/${side}/${id(n)}.jsonl`]: promptLine('Hello', { cwd: folder, timestamp, sessionId: id(n) }),
      ...Object.fromEntries(parts.map((path) => [path, 'x'])),
    });
    for (const path of parts) for (let at = path; at.includes(id(n)); at = dirname(at)) age(join(root, at), partDays);
    age(join(root, `projects/${side}/${id(n)}.jsonl`), days);
  });
  return open(root);
}

/** Sets the age of a file, folder or link in days; the target of a link keeps its age. */
export function age(path: string, days: number): void {
  const seconds = (NOW - days * DAY) / 1000;
  lutimesSync(path, seconds, seconds);
}
