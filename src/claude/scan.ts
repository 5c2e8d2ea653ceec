import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { AgentFile, ConfigDir, FileStamp, Problem, Scan, SideListing, TranscriptFile } from './model.js';
import { errorCode, fileProblem, unreadable } from './problem.js';
import { agentFile, deadLink, list, listNames, transcriptStats } from './scan-entries.js';
import { Stamps } from './stamps.js';
import { readSideFolder, type SideMemory } from './side-folder.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TRANSCRIPT_SUFFIX = '.jsonl';
/** A uuid is always this long, so most names are told apart without a regular expression. */
const ID_LENGTH = 36;

/** Whether a name is a session id as Claude Code makes them: a uuid of any version, in either case. */
export function isSessionId(name: string): boolean {
  return name.length === ID_LENGTH && UUID.test(name);
}

/**
 * The stat pass: every transcript of the given config dirs with its subagents and the names in its side folder.
 * Opens no file. Symlinked project dirs and transcripts are followed; each real project dir is scanned once, under
 * the first config dir that reaches it. What cannot be read becomes a problem, what vanishes meanwhile is left out,
 * and a config dir without `projects/` is empty. Never throws. Format: docs/storage.md, "Directory map". With a memory
 * of an earlier scan the same is found in less time.
 */
export function scanConfigDirs(configDirs: readonly ConfigDir[], memory: SideMemory | null = null): Scan {
  const scan: Scan = { transcripts: [], looseAgents: [], projectDirs: [], problems: [] };
  const scanning: Scanning = { memory, stamps: new Stamps(), scan };
  const seen = new Set<string>();
  const links: { configDir: ConfigDir; name: string }[] = [];
  const onePerRoot = configDirs.filter(({ projectsRoot }, i) => configDirs.findIndex((other) => other.projectsRoot === projectsRoot) === i);

  for (const configDir of onePerRoot) {
    for (const entry of list(configDir.projectsRoot, scan.problems)) {
      if (entry.isSymbolicLink()) links.push({ configDir, name: entry.name });
      if (!entry.isDirectory()) continue;
      seen.add(join(configDir.projectsRoot, entry.name));
      scanProjectDir(configDir, entry.name, scanning);
    }
  }
  // Links come last: a project dir keeps its own name however many links lead to it.
  for (const { configDir, name } of links) {
    const target = linkedFolder(join(configDir.path, 'projects', name), scan.problems);
    if (target === null || seen.has(target)) continue;
    seen.add(target);
    scanProjectDir(configDir, name, scanning);
  }
  return scan;
}

/** A scan under way. */
interface Scanning {
  memory: SideMemory | null;
  stamps: Stamps;
  scan: Scan;
}

function scanProjectDir(configDir: ConfigDir, projectDir: string, { memory, stamps, scan }: Scanning): void {
  const folder = join(configDir.path, 'projects', projectDir);
  if (projectDir.includes('\ufffd')) scan.problems.push(fileProblem('unreadable', 'A folder whose name is not UTF-8.', folder));
  const names = listNames(folder, scan.problems);
  scan.projectDirs.push({ configDir, name: projectDir });
  const projectFolder: ProjectFolder = { configDir, projectDir, path: folder + sep, stamps };
  const sideFolders = new Set(names.filter((name) => name.length === ID_LENGTH));

  for (const name of names) {
    if (!name.endsWith(TRANSCRIPT_SUFFIX)) continue;
    const id = name.slice(0, -TRANSCRIPT_SUFFIX.length);
    const path = folder + sep + name;
    if (isSessionId(id)) {
      const stats = transcriptStats(path, scan.problems);
      if (stats === null) continue;
      const beside = sideFolders.has(id)
        ? readSideFolder(folder + sep + id, memory?.recall(configDir, projectDir, id), memory?.nowMs ?? null, scan.problems)
        : NOTHING_BESIDE;
      scan.transcripts.push(new ScannedTranscript(projectFolder, name, stamps.add(stats), beside));
      continue;
    }
    const file = agentFile(path, name, scan.problems);
    if (file !== null) scan.looseAgents.push({ configDir, projectDir, file });
  }
}

/** What lies in a session's side folder. */
type Beside = Pick<TranscriptFile, 'agents' | 'sideEntries' | 'sideListing'>;

interface ProjectFolder {
  configDir: ConfigDir;
  projectDir: string;
  /** Of all transcripts of the scan. */
  stamps: Stamps;
  /** With a separator at its end. */
  path: string;
}

/** A transcript of the stat pass. Twenty thousand are made for every list, so it keeps no string it can put together. */
class ScannedTranscript implements TranscriptFile {
  private readonly folder: ProjectFolder;
  private readonly name: string;
  /** Place of its stamp in those of the folder. */
  private readonly place: number;
  private readonly beside: Beside;

  constructor(folder: ProjectFolder, name: string, place: number, beside: Beside) {
    this.folder = folder;
    this.name = name;
    this.place = place;
    this.beside = beside;
  }

  get stamp(): FileStamp {
    return this.folder.stamps.at(this.place);
  }

  get agents(): readonly AgentFile[] {
    return this.beside.agents;
  }

  get sideEntries(): readonly string[] {
    return this.beside.sideEntries;
  }

  get sideListing(): SideListing | undefined {
    return this.beside.sideListing;
  }

  get configDir(): ConfigDir {
    return this.folder.configDir;
  }

  get projectDir(): string {
    return this.folder.projectDir;
  }

  get id(): string {
    return this.name.slice(0, -TRANSCRIPT_SUFFIX.length);
  }

  get path(): string {
    return this.folder.path + this.name;
  }
}

/** A transcript as plain data, which can cross threads; with other subagents if given. */
export function plainTranscript(file: TranscriptFile, agents = file.agents): TranscriptFile {
  const { configDir, projectDir, id, path, stamp, sideEntries, sideListing } = file;
  return { configDir, projectDir, id, path, stamp, agents, sideEntries, sideListing };
}

const NOTHING_BESIDE: Beside = { agents: [], sideEntries: [] };

/** The real path of a linked project dir; `null` for links to anything else. */
function linkedFolder(path: string, problems: Problem[]): string | null {
  try {
    const target = realpathSync(path);
    return statSync(target).isDirectory() ? target : null;
  } catch (error) {
    problems.push(errorCode(error) === 'ENOENT' ? deadLink(path) : unreadable(path, error));
    return null;
  }
}
