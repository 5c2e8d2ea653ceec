import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from './layout.js';
import type { TranscriptFile } from './model.js';
import { errorCode } from '../system/problem.js';
import { parseObject, readStart } from '../system/small-file.js';

/** Maximum size of a sidecar, which is one small object. */
const MAX_BYTES = 4096;
const MAX_TITLE_LENGTH = 200;
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * Returns the title in `<id>/custom-title.json`, trimmed, with control characters as spaces and at most 200 code
 * points; null if there is none. A title entry in the transcript takes precedence (docs/storage.md, "Titles").
 */
export function sidecarTitle(file: Pick<TranscriptFile, 'path'>): string | null {
  const title = readSidecar(file, 'custom-title.json')?.['customTitle'];
  if (typeof title !== 'string') return null;
  const clean = [...title.replace(CONTROL_CHARACTERS, ' ').trim()].slice(0, MAX_TITLE_LENGTH).join('').trim();
  return clean === '' ? null : clean;
}

/** Returns the state in `<id>/archived.json` and its time (ISO 8601); null if the file is missing or malformed. */
export function archivedState(file: Pick<TranscriptFile, 'path'>): { archived: boolean; at: string } | null {
  const sidecar = readSidecar(file, 'archived.json');
  const archived = sidecar?.['archived'];
  const at = sidecar?.['at'];
  if (typeof archived !== 'boolean' || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null;
  return { archived, at };
}

/** True if `<id>/pinned.json` exists, whatever its content; also in doubt, so that the session is kept. */
export function isPinned(file: Pick<TranscriptFile, 'path'>): boolean {
  try {
    lstatSync(join(sideFolderOf(file), 'pinned.json'));
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
  }
}

function readSidecar(file: Pick<TranscriptFile, 'path'>, name: string): Record<string, unknown> | null {
  const sidecar = readStart(join(sideFolderOf(file), name), MAX_BYTES);
  return sidecar?.whole === true ? parseObject(sidecar.text) : null;
}
