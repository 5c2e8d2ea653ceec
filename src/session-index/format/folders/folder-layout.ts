import type { FolderContent } from './folder-content.js';
import { BOOLEAN, layoutOf, NUMBER, optional, type Field } from '../layout.js';
import { FILE_STAMP, FOLDER_STAMP } from '../stamps.js';

/** First numbers of a project dir: its state, and the lengths of its lists. */
export const FOLDER_HEAD = layoutOf({
  isWhole: BOOLEAN,
  stamp: optional(FOLDER_STAMP),
  nameLength: NUMBER,
  transcripts: NUMBER,
  folders: NUMBER,
  agents: NUMBER,
  unassigned: NUMBER,
  sides: NUMBER,
  sideEntries: NUMBER,
});

/** Values of `FOLDER_HEAD`. */
export type FolderHead = ReturnType<(typeof FOLDER_HEAD)['read']>;

/** One side folder: the position of its transcript, and the number of names in it. */
export const SIDE = layoutOf({ at: NUMBER, entries: NUMBER });

/** A list of a project dir: the member of the head that has its length, and its items. */
interface ListOf<Value> {
  count: (head: FolderHead) => number;
  items: (content: FolderContent) => Iterable<Value>;
}

/** A list of records of numbers. */
interface NumberList<Value> extends ListOf<Value> {
  field: Field<Value>;
}

function numbers<Value>(
  field: Field<Value>,
  count: NumberList<Value>['count'],
  items: NumberList<Value>['items'],
): NumberList<unknown> {
  return { field, count, items } as NumberList<unknown>;
}

/** Lists of numbers after the head, in file order. */
export const NUMBER_LISTS = {
  transcripts: numbers(NUMBER, (head) => head.transcripts, valuesOf),
  folderStamps: numbers(
    FOLDER_STAMP,
    (head) => head.folders,
    ({ folders }) => folders.map(({ stamp }) => stamp),
  ),
  unassignedStamps: numbers(
    FILE_STAMP,
    (head) => head.unassigned,
    ({ unassigned }) => unassigned.map(({ stamp }) => stamp),
  ),
  sides: numbers(
    SIDE,
    (head) => head.sides,
    ({ sides }) => sides.map(({ at, entries }) => ({ at, entries: entries.length })),
  ),
} as const;

/** Lists of texts, in file order. */
export const TEXT_LISTS = {
  name: { count: () => 1, items: ({ name }) => [name] },
  folders: { count: (head) => head.folders, items: ({ folders }) => folders.map(({ path }) => path) },
  agents: { count: (head) => head.agents, items: ({ agents }) => agents },
  unassigned: { count: (head) => head.unassigned, items: ({ unassigned }) => unassigned.map(({ name }) => name) },
  unassignedSessions: {
    count: (head) => head.unassigned,
    items: ({ unassigned }) => unassigned.map(({ sessionId }) => sessionId ?? ''),
  },
  sideEntries: { count: (head) => head.sideEntries, items: ({ sides }) => sides.flatMap(({ entries }) => entries) },
} as const satisfies Record<string, ListOf<string>>;

/** Returns the head of a project dir with this content. */
export function headOf({
  isWhole,
  stamp,
  names,
  transcripts,
  folders,
  agents,
  unassigned,
  sides,
}: FolderContent): FolderHead {
  return {
    isWhole,
    stamp,
    nameLength: names.length,
    transcripts: transcripts.length,
    folders: folders.length,
    agents: agents.length,
    unassigned: unassigned.length,
    sides: sides.length,
    sideEntries: sides.reduce((sum, { entries }) => sum + entries.length, 0),
  };
}

function valuesOf({ transcripts }: FolderContent): number[] {
  return Array.from(transcripts);
}
