import { UnchangedTranscript } from '../../claude/scan/known-folder.js';
import type { TranscriptFile } from '../../claude/model.js';
import type { FolderSums } from '../sums/folder-sums.js';
import { sidesWith, type ScannedFolder } from './scanned-folder.js';
import { measureFolder, type IsOursCheck, type MeasuredFolder, type Measures } from '../sums/measured-folders.js';

/** The transcripts of a scan by position. Those that the index knows are made into objects on demand. */
export class SessionFiles {
  readonly length: number;
  readonly #folders: readonly ScannedFolder[];
  /** Position of each folder's first transcript. */
  readonly #starts: readonly number[];

  constructor(folders: readonly ScannedFolder[]) {
    let next = 0;
    this.#folders = folders;
    this.#starts = folders.map((folder) => (next += countOf(folder)) - countOf(folder));
    this.length = next;
  }

  /** Returns the ids of all transcripts, by position. */
  ids(): string[] {
    const ids: string[] = [];
    for (const folder of this.#folders) {
      const { transcripts } = folder.known ?? folder;
      for (let at = 0; at < transcripts.length; at++)
        ids.push(folder.known === null ? (folder.transcripts[at]?.id ?? '') : folder.known.id(at));
    }
    return ids;
  }

  /** Measures all sessions, as `measureFolder`. */
  measure(sums: FolderSums, isOurs: IsOursCheck, to: Measures, start: number): MeasuredFolder[] {
    return this.#folders.map((folder, at) =>
      measureFolder(folder, { sums, isOurs, to, first: start + (this.#starts[at] ?? 0) }),
    );
  }

  at(position: number): TranscriptFile {
    const found = this.#folderAt(position);
    const folder = this.#folders[found];
    const at = position - (this.#starts[found] ?? 0);
    const file = folder?.known === null ? folder.transcripts[at] : folder && new UnchangedTranscript(folder, at);
    if (file === undefined) throw new RangeError(`no session ${position}`);
    return file;
  }

  /** Returns the size of a transcript if the scan found no other file of its session; else null. */
  bytesIfAlone(position: number): number | null {
    const found = this.#folderAt(position);
    const folder = this.#folders[found];
    const at = position - (this.#starts[found] ?? 0);
    if (folder?.known === null) {
      const file = folder.transcripts[at];
      return file?.agents.length === 0 && file.sideEntries.length === 0 ? file.stamp.size : null;
    }
    return folder?.known.isAlone(at) === true ? (folder.changed.get(at)?.size ?? folder.known.size(at)) : null;
  }

  /**
   * Returns 1 for each position whose transcript is unchanged and whose session has no side folder entries or
   * subagents.
   */
  unchangedAlone(sideEntry: string | null, withAgents: boolean): Uint8Array {
    const alone = new Uint8Array(this.length);
    for (const [at, folder] of this.#folders.entries()) {
      const { known } = folder;
      if (known === null) continue;
      const start = this.#starts[at] ?? 0;
      const count = known.transcripts.length;
      alone.fill(1, start, start + count);
      for (const one of folder.changed.keys()) alone[start + one] = 0;
      for (const [one, entries] of known.sides)
        if (sideEntry !== null && entries.includes(sideEntry)) alone[start + one] = 0;
      if (!withAgents) continue;
      for (let one = 0; one < count; one += 1) if (known.agentCount(one) > 0) alone[start + one] = 0;
    }
    return alone;
  }

  /** Returns the positions of the transcripts with an id. */
  positionsOf(id: string): number[] {
    return this.#folders.flatMap((folder, index) => {
      const { known } = folder;
      const at =
        known === null ? folder.transcripts.findIndex((file) => file.id === id) : (known.rowOf(id) ?? -1) - known.first;
      return at < 0 ? [] : [(this.#starts[index] ?? 0) + at];
    });
  }

  /** Returns the positions of the transcripts whose id begins with these characters. */
  positionsWithPrefix(start: string): number[] {
    return this.#folders.flatMap((folder, index) => {
      const positions =
        folder.known === null
          ? folder.transcripts.flatMap(({ id }, at) => (id.startsWith(start) ? [at] : []))
          : folder.known.positionsWithPrefix(start);
      return positions.map((at) => (this.#starts[index] ?? 0) + at);
    });
  }

  /** Returns the positions of all transcripts in the same project dir. */
  positionsInDir(position: number): number[] {
    const found = this.#folderAt(position);
    const folder = this.#folders[found];
    const start = this.#starts[found] ?? 0;
    return Array.from({ length: folder === undefined ? 0 : countOf(folder) }, (_, at) => start + at);
  }

  /** Returns the positions of the transcripts whose side folder has an entry of this name. */
  withSideEntry(name: string): number[] {
    return this.#folders.flatMap((folder, index) => {
      const positions = folder.known === null ? sidesWith(folder.transcripts, name) : folder.known.withSideEntry(name);
      return positions.map((at) => at + (this.#starts[index] ?? 0));
    });
  }

  /** Returns the index of the folder that a position is in. */
  #folderAt(position: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function countOf(folder: ScannedFolder): number {
  return (folder.known ?? folder).transcripts.length;
}
