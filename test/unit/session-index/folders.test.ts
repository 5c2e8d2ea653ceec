import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFolders, encodeFolders } from '../../../src/session-index/format/folders/encode-folders.js';
import type { FolderContent } from '../../../src/session-index/format/folders/folder-content.js';
import { ColumnTable } from '../../../src/session-index/format/table/column-table.js';
import { bytesOf, damages, emptyFolder, expectRejected, readOrReason } from '../../support/index-parts.js';

const NO_SESSIONS = ColumnTable.of([]);
const EMPTY: FolderContent = {
  name: 'p',
  isWhole: true,
  stamp: null,
  names: '',
  transcripts: [],
  folders: [],
  agents: [],
  unassigned: [],
  sides: [],
};

describe('stored project dirs', () => {
  it('are read from their stored form as they were written', () => {
    fc.assert(
      fc.property(fc.array(emptyFolder, { maxLength: 5 }), (folders) => {
        const found = decodeFolders(encodeFolders(folders), NO_SESSIONS);
        expect(found.map((one) => one.content())).toEqual(folders);
        expect(encodeFolders(found)).toEqual(encodeFolders(folders));
      }),
    );
  });

  it('are rejected if their sessions are not those of the table', () => {
    const encoded = encodeFolders([{ ...EMPTY, names: 'a.jsonl', transcripts: [0] }]);
    expectRejected('folders', () => decodeFolders(encoded, NO_SESSIONS));
  });

  it('are rejected if a list ends too early or too late', () => {
    const whole = encodeFolders([{ ...EMPTY, names: 'a', agents: ['x', 'y'] }]);
    const { numbers, names, texts } = whole;
    for (const wrong of [
      { ...whole, numbers: numbers.subarray(1) },
      { ...whole, names: '' },
      { ...whole, names: `${names}b` },
      { ...whole, texts: texts.slice(0, 1) },
      { ...whole, texts: `${texts}\0z` },
    ])
      expectRejected('folders', () => decodeFolders(wrong, NO_SESSIONS));
  });

  it('are rejected or can be read to the end after any damage', () => {
    fc.assert(
      fc.property(
        fc.array(emptyFolder, { maxLength: 4 }),
        damages,
        fc.constantFrom(0, 1, 2),
        (folders, damage, part) => {
          const { numbers, names, texts } = encodeFolders(folders);
          const bytes = damage(bytesOf(numbers));
          const encoded = {
            numbers: part === 0 ? new Float64Array(bytes.buffer, 0, Math.floor(bytes.length / 8)) : numbers,
            names: part === 1 ? damage(Buffer.from(names)).toString() : names,
            texts: part === 2 ? damage(Buffer.from(texts)).toString() : texts,
          };
          const found = readOrReason(() => decodeFolders(encoded, NO_SESSIONS));
          if (typeof found === 'string') return void expect(found).toBe('folders');
          for (const folder of found) {
            const { agents, unassigned, folders: listed } = folder.content();
            expect([agents, listed, unassigned].map(({ length }) => length)).toEqual([
              folder.agents.length,
              folder.folders.length,
              folder.unassigned.length,
            ]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('may have lists longer than the maximum number of arguments of a call', () => {
    const many = Array.from({ length: 150_000 }, (_, at) => `name ${at}`);
    const stamp = { size: 1, mtimeMs: 2, ctimeMs: 3, ino: 4 };
    const full: FolderContent = {
      ...EMPTY,
      names: many.join('\0'),
      transcripts: new Float64Array(),
      folders: many.map((path) => ({ path, stamp: { mtimeMs: 2, ctimeMs: 3, ino: 4 } })),
      agents: many,
      unassigned: many.map((position) => ({ name: position, stamp, sessionId: null })),
      sides: [{ at: 0, entries: many }],
    };
    expect(decodeFolders(encodeFolders([full]), NO_SESSIONS)[0]?.content()).toEqual(full);
    expect(encodeFolders([{ ...full, transcripts: many.map((_, at) => at) }]).numbers.length).toBeGreaterThan(
      many.length,
    );
  });
});
