import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ColumnTable } from '../../../src/session-index/format/column-table.js';
import { decodeFolders, encodeFolders, type FolderContent } from '../../../src/session-index/format/stored-folder.js';

/** Any name a folder can hold. */
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((text) => text.replaceAll('\0', '0'));
const time = fc.double({ min: 0, max: 4e12, noNaN: true });
const folderStamp = fc.record({ mtimeMs: time, ctimeMs: time, ino: fc.nat() });
const stray = fc.record({
  name,
  stamp: fc.record({ size: fc.nat(), mtimeMs: time, ctimeMs: time, ino: fc.nat() }),
  sessionId: fc.option(name),
});
// Without transcripts: the table that would hold these is another matter.
const folder: fc.Arbitrary<FolderContent> = fc.record({
  name,
  isWhole: fc.boolean(),
  stamp: fc.option(folderStamp),
  names: fc.array(name, { maxLength: 4 }).map((names) => names.join('\0')),
  transcripts: fc.constant(new Float64Array()),
  folders: fc.array(fc.record({ path: name, stamp: folderStamp }), { maxLength: 3 }),
  agents: fc.array(name, { maxLength: 3 }),
  strays: fc.array(stray, { maxLength: 3 }),
  sides: fc.uniqueArray(fc.record({ at: fc.nat(), entries: fc.array(name, { maxLength: 3 }) }), {
    maxLength: 3,
    selector: ({ at }) => at,
  }),
});

it('project dirs come back from the form they are stored in as they were', () => {
  fc.assert(
    fc.property(fc.array(folder, { maxLength: 5 }), (folders) => {
      const found = decodeFolders(encodeFolders(folders), ColumnTable.of([]));
      expect(found?.map((one) => one.content())).toEqual(folders);
      expect(encodeFolders(found ?? [])).toEqual(encodeFolders(folders));
    }),
  );
});

it('project dirs that are not those of the table are refused', () => {
  const encoded = encodeFolders([
    {
      name: 'p',
      isWhole: true,
      stamp: null,
      names: 'a.jsonl',
      transcripts: [0],
      folders: [],
      agents: [],
      strays: [],
      sides: [],
    },
  ]);
  expect(decodeFolders(encoded, ColumnTable.of([]))).toBeNull();
});

it('may hold more of anything than a call takes arguments', () => {
  const many = Array.from({ length: 150_000 }, (_, at) => `name ${at}`);
  const stamp = { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 };
  const full: FolderContent = {
    name: 'p',
    isWhole: true,
    stamp: null,
    names: many.join('\0'),
    transcripts: new Float64Array(),
    folders: many.map((path) => ({ path, stamp: { mtimeMs: 2, ctimeMs: 3, ino: 4 } })),
    agents: many,
    strays: many.map((stray) => ({ name: stray, stamp, sessionId: null })),
    sides: [{ at: 0, entries: many }],
  };
  expect(decodeFolders(encodeFolders([full]), ColumnTable.of([]))?.[0]?.content()).toEqual(full);
  expect(encodeFolders([{ ...full, transcripts: many.map((_, at) => at) }]).numbers.length).toBeGreaterThan(
    many.length,
  );
});
