import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { AgentFile, ConfigDir, NewFolder, TranscriptFile } from '../../../src/claude/model.js';
import type { Problem } from '../../../src/system/problem.js';
import { scanConfigDirs } from '../../../src/claude/scan/scan.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Session ids for tests: `id(1)`, `id(2)` … */
export function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A fresh folder holding the given files (relative path → text). */
export function disk(files: Record<string, string> = {}): string {
  const root = temporaryFolder('disk');
  put(root, files);
  return root;
}

export function put(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

export function configDirs(...paths: string[]): ConfigDir[] {
  return resolveConfigDirs({ explicit: paths, env: {}, home: '/nowhere', cwd: '/' });
}

/** Returns the findings of a scan without a memory, with all project dirs combined. */
export function scanned(...roots: string[]): Found {
  const { problems } = scanConfigDirs(configDirs(...roots));
  const folders = listed(configDirs(...roots));
  return {
    transcripts: folders.flatMap(({ transcripts }) => transcripts),
    legacyAgents: folders.flatMap(({ legacyAgents }) => legacyAgents),
    projectDirs: folders.map(({ name }) => name),
    problems,
  };
}

/** The project dirs that a scan without a memory lists: all there are. */
export function listed(dirs: readonly ConfigDir[]): NewFolder[] {
  return scanConfigDirs(dirs).folders.map((folder) => {
    if (folder.known !== null) throw new Error('known without a memory');
    return folder;
  });
}

/** All project dirs of a scan together. */
export interface Found {
  transcripts: TranscriptFile[];
  legacyAgents: AgentFile[];
  projectDirs: string[];
  problems: Problem[];
}

/** The only session of a config dir. */
export function onlySession(root: string): TranscriptFile {
  const [file, ...others] = scanned(root).transcripts;
  if (file === undefined || others.length > 0) throw new Error('expected one session');
  return file;
}
