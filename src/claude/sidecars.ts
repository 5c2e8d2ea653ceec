import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { sideFolderOf } from './layout.js';
import type { TranscriptFile } from './model.js';
import { errorCode } from '../system/problem.js';
import { parseObject, readStart } from '../system/small-file.js';

/** Sidecars are one small object; anything longer is not one. */
const MAX_BYTES = 4096;
const MAX_TITLE_LENGTH = 200;
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * The title in `<id>/custom-title.json`: control characters as spaces, trimmed, at most 200 code points; `null` when
 * there is none. A title line in the transcript counts more. Source: docs/storage.md, "Titles".
 */
export function sidecarTitle(file: Pick<TranscriptFile, 'path'>): string | null {
  const title = readSidecar(file, 'custom-title.json')?.['customTitle'];
  if (typeof title !== 'string') return null;
  const clean = [...title.replace(CONTROL_CHARACTERS, ' ').trim()].slice(0, MAX_TITLE_LENGTH).join('').trim();
  return clean === '' ? null : clean;
}

/** The state in `<id>/archived.json` and its time (ISO 8601); `null` when there is none or it is malformed. */
export function archivedState(file: Pick<TranscriptFile, 'path'>): { archived: boolean; at: string } | null {
  const sidecar = readSidecar(file, 'archived.json');
  const archived = sidecar?.['archived'];
  const at = sidecar?.['at'];
  if (typeof archived !== 'boolean' || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null;
  return { archived, at };
}

/** True if `<id>/pinned.json` exists, whatever its content: in doubt a session is kept. */
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
