import { join } from 'node:path';
import { copyPrivately, copyUndecodable, filesAndFolders, isFile, plainName } from './side-folder.js';

/** Source and destination of kept output. */
export interface ResultPaths {
  /** `projects/` of the config dir. */
  projects: string;
  /** Id of the parent and its side folder: after a move the recorded project dir is an old one. */
  parentId: string;
  parentFolder: string;
  /** Final path of the fork's side folder, and its path until then. */
  folder: string;
  staged: string;
}

const RECORDED = /\/projects\/([^/]+)\/([^/]+)\/tool-results\/([^/]+)$/;
const FOLDER = 'tool-results';

/**
 * Output that Claude Code keeps in files of their own (docs/storage.md, "Directory map"). Entries copied from an
 * earlier parent may refer to that parent's files: these are copied too, so that a fork depends on no other session.
 */
export class ToolResults {
  readonly #paths: ResultPaths;
  /** Name in the fork → the file it was copied from. */
  readonly #sources = new Map<string, string>();

  constructor(paths: ResultPaths) {
    this.#paths = paths;
  }

  /** Copies the file at a recorded path, once, and returns its new path; null if there is no file. */
  copyRecorded(recorded: string): string | null {
    const source = this.#sourceOf(recorded);
    return source === null
      ? null
      : join(this.#paths.folder, FOLDER, this.#copy(source.path, source.name, source.owner));
  }

  /** Copies other kept output of the parent. */
  copyOthers(): void {
    const folder = join(this.#paths.parentFolder, FOLDER);
    copyUndecodable(folder, join(this.#paths.staged, FOLDER));
    for (const entry of filesAndFolders(folder)) {
      if (entry.isFile()) this.#copy(join(folder, entry.name), entry.name, this.#paths.parentId);
    }
  }

  #sourceOf(recorded: string): { path: string; name: string; owner: string } | null {
    const [projectDir, owner, name] = (RECORDED.exec(recorded) ?? []).slice(1).map(plainName);
    if (typeof projectDir !== 'string' || typeof owner !== 'string' || typeof name !== 'string') return null;
    const { projects, parentId, parentFolder } = this.#paths;
    const own = owner === parentId ? [join(parentFolder, FOLDER, name)] : [];
    const path = [...own, join(projects, projectDir, owner, FOLDER, name)].find(isFile);
    return path === undefined ? null : { path, name, owner };
  }

  #copy(path: string, name: string, owner: string): string {
    const known = this.#sources.get(name);
    const own = known === undefined || known === path ? name : `${owner}-${name}`;
    if (this.#sources.get(own) !== path) copyPrivately(path, join(this.#paths.staged, FOLDER, own));
    this.#sources.set(own, path);
    return own;
  }
}
