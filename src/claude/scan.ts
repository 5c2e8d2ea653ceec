import { type Dirent, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import type { AgentFile, ConfigDir, FileStamp, Problem, Scan, TranscriptFile } from './model.js';
import { errorCode, fileProblem, unreadable } from './problem.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const AGENT_FILE = /^agent-(.+)\.jsonl$/;
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
 * and a config dir without `projects/` is empty. Never throws. Format: docs/storage.md, "Directory map".
 */
export function scanConfigDirs(configDirs: readonly ConfigDir[]): Scan {
  const scan: Scan = { transcripts: [], looseAgents: [], projectDirs: [], problems: [] };
  const seen = new Set<string>();
  const links: { configDir: ConfigDir; name: string }[] = [];
  const onePerRoot = configDirs.filter(({ projectsRoot }, i) => configDirs.findIndex((other) => other.projectsRoot === projectsRoot) === i);

  for (const configDir of onePerRoot) {
    for (const entry of list(configDir.projectsRoot, scan.problems)) {
      if (entry.isSymbolicLink()) links.push({ configDir, name: entry.name });
      if (!entry.isDirectory()) continue;
      seen.add(join(configDir.projectsRoot, entry.name));
      scanProjectDir(configDir, entry.name, scan);
    }
  }
  // Links come last: a project dir keeps its own name however many links lead to it.
  for (const { configDir, name } of links) {
    const target = linkedFolder(join(configDir.path, 'projects', name), scan.problems);
    if (target === null || seen.has(target)) continue;
    seen.add(target);
    scanProjectDir(configDir, name, scan);
  }
  return scan;
}

function scanProjectDir(configDir: ConfigDir, projectDir: string, scan: Scan): void {
  const folder = join(configDir.path, 'projects', projectDir);
  const entries = list(folder, scan.problems);
  scan.projectDirs.push({ configDir, name: projectDir });
  const projectFolder: ProjectFolder = { configDir, projectDir, path: folder + sep };
  const sideFolders = new Set<string>();
  for (const entry of entries) {
    if (entry.name.length === ID_LENGTH && entry.isDirectory()) sideFolders.add(entry.name);
  }

  for (const entry of entries) {
    const { name } = entry;
    if (!name.endsWith(TRANSCRIPT_SUFFIX)) continue;
    const id = name.slice(0, -TRANSCRIPT_SUFFIX.length);
    const path = folder + sep + name;
    if (isSessionId(id)) {
      const stamp = stampOf(path, entry, scan.problems);
      if (stamp === null) continue;
      const beside = sideFolders.has(id) ? readSideFolder(folder + sep + id, scan.problems) : NOTHING_BESIDE;
      scan.transcripts.push(new ScannedTranscript(projectFolder, name, stamp, beside));
      continue;
    }
    const file = agentFile(path, entry, scan.problems);
    if (file !== null) scan.looseAgents.push({ configDir, projectDir, file });
  }
}

interface ProjectFolder {
  configDir: ConfigDir;
  projectDir: string;
  /** With a separator at its end. */
  path: string;
}

/** A transcript of the stat pass. Twenty thousand are made for every list, so it keeps no string it can put together. */
class ScannedTranscript implements TranscriptFile {
  readonly agents: readonly AgentFile[];
  readonly sideEntries: readonly string[];
  readonly stamp: FileStamp;
  readonly #folder: ProjectFolder;
  readonly #name: string;

  constructor(folder: ProjectFolder, name: string, stamp: FileStamp, beside: Pick<TranscriptFile, 'agents' | 'sideEntries'>) {
    this.#folder = folder;
    this.#name = name;
    this.stamp = stamp;
    this.agents = beside.agents;
    this.sideEntries = beside.sideEntries;
  }

  get configDir(): ConfigDir {
    return this.#folder.configDir;
  }

  get projectDir(): string {
    return this.#folder.projectDir;
  }

  get id(): string {
    return this.#name.slice(0, -TRANSCRIPT_SUFFIX.length);
  }

  get path(): string {
    return this.#folder.path + this.#name;
  }
}

/** A transcript as plain data, which can cross threads; with other subagents if given. */
export function plainTranscript(file: TranscriptFile, agents = file.agents): TranscriptFile {
  const { configDir, projectDir, id, path, stamp, sideEntries } = file;
  return { configDir, projectDir, id, path, stamp, agents, sideEntries };
}

const NOTHING_BESIDE: Pick<TranscriptFile, 'agents' | 'sideEntries'> = { agents: [], sideEntries: [] };

function readSideFolder(folder: string, problems: Problem[]): Pick<TranscriptFile, 'agents' | 'sideEntries'> {
  const agents: AgentFile[] = [];
  const entries = list(folder, problems);
  for (const entry of entries) {
    if (entry.name === 'subagents' && entry.isDirectory()) collectAgents(folder + sep + entry.name, agents, problems);
  }
  return { agents, sideEntries: entries.map((entry) => entry.name) };
}

/** Nested subagents lie flat beside their parents, those of workflows in folders of their own. */
function collectAgents(folder: string, agents: AgentFile[], problems: Problem[]): void {
  for (const entry of list(folder, problems)) {
    const path = folder + sep + entry.name;
    if (entry.isDirectory()) {
      collectAgents(path, agents, problems);
      continue;
    }
    const file = agentFile(path, entry, problems);
    if (file !== null) agents.push(file);
  }
}

/** Symlinks are not followed here: a link beside subagents leads to a file that belongs to something else. */
function agentFile(path: string, entry: Dirent, problems: Problem[]): AgentFile | null {
  const agentId = AGENT_FILE.exec(entry.name)?.[1];
  if (agentId === undefined || entry.isSymbolicLink()) return null;
  const stamp = stampOf(path, entry, problems);
  return stamp === null ? null : { agentId, path, stamp };
}

/** The stamp of a regular file (of a link's target), or `null` with a problem noted; a vanished file is none. */
function stampOf(path: string, entry: Dirent, problems: Problem[]): FileStamp | null {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    problems.push(unreadable(path, error));
    return null;
  }
  if (stats === undefined) {
    if (entry.isSymbolicLink()) problems.push(deadLink(path));
    return null;
  }
  if (!stats.isFile()) {
    problems.push(fileProblem('not-a-file', 'Named like a transcript but not a regular file.', path));
    return null;
  }
  return { size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, ino: stats.ino };
}

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

/** The entries of a folder; none when it does not exist, none and a problem when it cannot be read. */
function list(folder: string, problems: Problem[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}

function deadLink(path: string): Problem {
  return fileProblem('unreadable', 'A link that leads nowhere.', path);
}
