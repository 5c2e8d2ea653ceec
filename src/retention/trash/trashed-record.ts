import type { RemovalCode, Reason } from '../model.js';
import type { SessionKind } from '../../session-index/record.js';
import { keyOf } from './find-trashed.js';
import { heldBytes } from './trash.js';
import type { TrashEntry } from './trash-entry.js';

/** A session in the trash as JSON shows it (docs/schema/trashed.schema.json). */
export interface TrashedRecord {
  schemaVersion: 1;
  configDir: string;
  id: string;
  /** Unique key, even if the trash holds several sessions of one id. */
  key: string;
  /** Empty for leftovers that were in no project dir. */
  projectDir: string;
  cwd: string | null;
  title: string | null;
  kind: SessionKind | null;
  lastActivityAt: string | null;
  pruneId: string;
  trashedAt: string;
  /** Bytes of its files before they were moved. */
  footprintBytes: number;
  /** Bytes it takes in the trash, compressed or not. */
  heldBytes: number;
  files: number;
  reasons: Reason<RemovalCode>[];
  /** Reason why its description does not come from the manifest; null if it does. */
  damage: string | null;
}

/** Returns the record of a session in the trash. */
export function trashedRecord(entry: TrashEntry): TrashedRecord {
  const { session } = entry;
  return {
    schemaVersion: 1,
    configDir: session.configDir,
    id: session.id,
    key: keyOf(entry),
    projectDir: session.projectDir,
    cwd: session.cwd,
    title: session.title,
    kind: session.kind,
    lastActivityAt: session.lastActivityAt,
    pruneId: session.pruneId,
    trashedAt: session.trashedAt,
    footprintBytes: session.footprintBytes,
    heldBytes: heldBytes([entry]),
    files: session.files,
    reasons: session.reasons,
    damage: entry.notes.damage,
  };
}
