import type { Stats } from 'node:fs';
import type { FileStamp, TranscriptFile } from '../../../claude/model.js';
import { statOrNull } from '../../../system/stat.js';
import { ownUid } from '../../../system/system.js';
import type { Reason, KeepCode } from '../../model.js';
import { folderOf, type IsOurDir } from './our-folders.js';
import { fingerprintOf, NO_ODDITIES, type Survey } from './survey.js';

/**
 * Returns the survey of a session that consists of its transcript, as the scan has just seen it; null if it has
 * vanished. Later changes are noticed when the session is checked before it is moved.
 */
export function surveyTranscript(file: TranscriptFile, isOurDir: IsOurDir): Survey | null {
  const { isPlain } = file;
  if (isPlain && isOurDir(file)) return scannedTranscript(file);
  const stats = isPlain ? null : statOrNull(file.path);
  if (stats === null && !isPlain) return null;
  const { path } = file;
  const odd: Reason<KeepCode>[] = [];
  if (stats?.isFile() === false)
    odd.push({
      code: 'unrecognised',
      detail: `${stats.isSymbolicLink() ? 'a link' : 'neither file nor folder'}: ${path}`,
    });
  if (stats !== null && stats.uid !== ownUid())
    odd.push({ code: 'not-ours', detail: `owned by another user: ${path}` });
  else if (!isOurDir(file))
    odd.push({ code: 'not-ours', detail: `outside the config dir, or reached through a link: ${folderOf(path)}` });
  return new TranscriptSurvey(file, stats, odd);
}

/** Returns the survey of a session that is a transcript alone, a file of the user's own in one of our project dirs. */
export function scannedTranscript(file: TranscriptFile): Survey {
  return new ScannedTranscript(file);
}

/** The survey of a plain transcript. A plan makes thousands, so it holds only the file. */
class ScannedTranscript implements Survey {
  private readonly file: TranscriptFile;

  constructor(file: TranscriptFile) {
    this.file = file;
  }

  get files(): number {
    return 1;
  }

  get bytes(): number {
    return this.file.stamp.size;
  }

  get writtenMs(): number {
    return this.file.stamp.mtimeMs;
  }

  get touchedMs(): number {
    return this.file.stamp.mtimeMs;
  }

  get asIndexed(): boolean {
    return true;
  }

  get oddities(): readonly Reason<KeepCode>[] {
    return NO_ODDITIES;
  }

  get fingerprint(): string {
    return fingerprintOfTranscript(this.file, this.file.stamp);
  }
}

class TranscriptSurvey implements Survey {
  readonly files = 1;
  readonly oddities: readonly Reason<KeepCode>[];
  private readonly file: TranscriptFile;
  private readonly stamp: Pick<FileStamp, 'size' | 'mtimeMs' | 'ino'>;
  /** Null if the state in the scan serves. */
  private readonly stats: Stats | null;

  constructor(file: TranscriptFile, stats: Stats | null, oddities: readonly Reason<KeepCode>[]) {
    this.file = file;
    this.stamp = stats ?? file.stamp;
    this.stats = stats;
    this.oddities = oddities;
  }

  get bytes(): number {
    return this.stamp.size;
  }

  get touchedMs(): number {
    return this.stamp.mtimeMs;
  }

  get writtenMs(): number | null {
    return this.stats?.isFile() === false ? null : this.stamp.mtimeMs;
  }

  get asIndexed(): boolean {
    if (this.stats === null || this.oddities.length > 0) return true;
    const { size, ino, mtimeMs } = this.file.stamp;
    return this.stats.size === size && this.stats.ino === ino && this.stats.mtimeMs === mtimeMs;
  }

  get fingerprint(): string {
    return fingerprintOfTranscript(this.file, this.stamp);
  }
}

function fingerprintOfTranscript(
  { path, configDir }: TranscriptFile,
  { ino, size, mtimeMs }: Pick<FileStamp, 'size' | 'mtimeMs' | 'ino'>,
): string {
  return fingerprintOf([path, 'file', ino, size, mtimeMs], configDir);
}
