import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNames, type NamesEntry, NamesFile } from '../../../src/session-index/names/names-file.js';
import { namingPartOf } from '../../../src/session-index/names/naming-part.js';
import { type FindLines, PossibleNames } from '../../../src/session-index/names/possible-names.js';
import { saveFile } from '../../../src/session-index/format/save-file.js';
import { noFacts } from '../../../src/transcript/fold/transcript-facts.js';
import { alignedCopy, damages, expectRejected, readOrReason } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The checksum covers what follows it. */
const [CHECKSUM_AT, CHECKED_FROM] = [4, 8];

const line = fc.constantFrom('', 'a', 'ab', '"é"', 'abc'.repeat(9));
const entries: fc.Arbitrary<NamesEntry[]> = fc.uniqueArray(
  fc.record({
    crc: fc.nat(0xffffffff),
    length: fc.nat(1e6),
    lines: fc.option(fc.tuple(line, line)),
  }),
  { maxLength: 6, selector: ({ crc, length }) => `${crc} ${length}` },
);

/** Returns the lines of a text that contain a word. */
function linesWith(word: string): FindLines {
  return (text) => {
    let end = 0;
    const lines = text.toString('latin1').split('\n').slice(0, -1);
    return lines.flatMap((one) => {
      const start = end;
      end += one.length + 1;
      return one.includes(word) ? [{ start, end }] : [];
    });
  };
}

describe('a file of names', () => {
  it('has no names for sessions whose facts have the same checksum and length, unless their names are equal', () => {
    const entry = (crc: number, title: string): NamesEntry => ({ crc, length: 9, lines: [title, '/home'] });
    const file = NamesFile.decode(encodeNames([entry(1, 'a'), entry(2, 'c'), entry(1, 'b'), entry(2, 'c')]));
    expect([0, 1, 2, 3].map((at) => file.entry(at).lines)).toEqual([null, ['c', '/home'], null, ['c', '/home']]);
  });

  it('finds the names of each of its sessions, at any expected position, and of no other session', () => {
    fc.assert(
      fc.property(entries, fc.nat(7), line, (list, expected, word) => {
        const file = NamesFile.decode(encodeNames(list));
        const possible = file.withLines(linesWith(word)(file.texts));
        for (const entry of list) {
          const { crc, length, lines } = entry;
          const at = file.positionOf(crc, length, expected);
          expect(file.entry(at)).toEqual(entry);
          expect(possible[at]).toBe(Number(lines === null || lines.some((one) => one.includes(word))));
          for (const [other, size] of [
            [crc ^ 1, length],
            [crc, length + 1],
          ] as const)
            if (list.every((one) => one.crc !== other || one.length !== size))
              expect([file.positionOf(other, size, at), file.positionOf(other, size, expected)]).toEqual([-1, -1]);
        }
      }),
    );
  });

  it('is rejected by name', () => {
    const whole = encodeNames([{ crc: 1, length: 2, lines: ['a', 'b'] }]);
    const changed = (at: number): Buffer => {
      const copy = alignedCopy(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const path = join(temporaryFolder('names'), 'a.names');
    const load = (bytes: Buffer | null): string[] => {
      const rejections: string[] = [];
      if (bytes !== null) writeFileSync(path, bytes);
      expect(NamesFile.load(path, (_, reason) => rejections.push(reason))).toBeNull();
      return rejections;
    };
    expect(load(null)).toEqual([]);
    expect(load(changed(0))).toEqual(['foreign']);
    expect(load(changed(12))).toEqual(['checksum']);
    expect(load(whole.subarray(0, 10))).toEqual(['truncated']);
    saveFile(path, [whole]);
    expect(NamesFile.load(path, () => {})?.sessions).toBe(1);
    expectRejected('names', () => NamesFile.decode(checked(alignedCopy(Buffer.concat([whole, Buffer.from('x')])))));
  });

  it('is rejected or has the same names after any damage; with a checksum that fits the damage, it can be read', () => {
    fc.assert(
      fc.property(entries, damages, fc.boolean(), (list, damage, isChecked) => {
        const whole = encodeNames(list);
        const damaged = damage(whole);
        const file = readOrReason(() => NamesFile.decode(isChecked ? checked(damaged) : damaged));
        if (typeof file === 'string') return;
        file.withLines(linesWith('a')(file.texts));
        for (const entry of list) {
          const at = file.positionOf(entry.crc, entry.length, 0);
          if (!isChecked) expect(file.entry(at)).toEqual(entry);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the naming part of stored facts', () => {
  const encode = (facts: object): Buffer => Buffer.from(JSON.stringify({ subagents: 0, ...noFacts(), ...facts }));
  const text = fc.constantFrom('plain', '"cwds":[', ',"lastPromptEntry":', '\\","version":', 'é\n', '</x>');

  it('holds all of title, tag, folders and branch, and no prompt', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 9, maxLength: 9 }), (texts) => {
        const [customTitle, aiTitle, summary, tag, cwd, lastCwd, relocatedCwd, gitBranch, prompt = ''] = texts;
        const facts = { customTitle, aiTitle, summary, tag, cwds: [cwd], lastCwd, relocatedCwd, gitBranch };
        const prompts = { firstPrompt: `${prompt}!`, lastPrompt: `${prompt}!`, lastPromptEntry: `${prompt}!` };
        const part = namingPartOf(encode({ ...prompts, ...facts }));
        const titles = JSON.parse(`{${part.titles.toString()}}`) as object;
        const folders = JSON.parse(`{${part.folders.toString()}}`) as object;
        expect({ ...titles, ...folders }).toMatchObject(facts);
        expect(part.titles.toString() + part.folders.toString()).not.toContain('!"');
        const isMarked = [customTitle, aiTitle, summary].some((title) => title?.includes('</'));
        if (isMarked) expect(part.isNamedElsewhere).toBe(true);
      }),
    );
  });

  it('shows that a session may be named after its project dir', () => {
    expect(namingPartOf(encode({ cwds: [] })).isNamedElsewhere).toBe(true);
    expect(namingPartOf(encode({ cwds: ['/a'], firstPrompt: '</b>' })).isNamedElsewhere).toBe(false);
  });

  it('is everything if the facts have another order than ccsess writes', () => {
    const facts = Buffer.from('{"version":null,"cwds":["/a"],"customTitle":"x"}');
    expect(namingPartOf(facts)).toEqual({ titles: facts, folders: Buffer.alloc(0), isNamedElsewhere: false });
  });
});

describe('the sessions whose names hold a word', () => {
  const blobOf = (customTitle: string): Buffer =>
    Buffer.from(JSON.stringify({ ...noFacts(), customTitle, cwds: ['/a'] }));

  /** Searches the titles of sessions, with a stored file; `damaged` rows cannot be read. */
  function search(
    titles: readonly string[],
    file: Buffer | null,
    damaged: readonly number[] = [],
    titled: number[] = [],
  ) {
    const blobs = titles.map(blobOf);
    const read: number[] = [];
    const names = new PossibleNames(
      {
        table: {
          length: titles.length,
          facts: (row) => ({ segment: 0, offset: row, length: blobs[row]?.length ?? 0, crc: crc32(blobs[row] ?? '') }),
          factsCrc: (row) => crc32(blobs[row] ?? ''),
          factsLength: (row) => blobs[row]?.length ?? 0,
        },
        read: (refs) =>
          refs.map(({ offset }) => {
            read.push(offset);
            return damaged.includes(offset) ? null : (blobs[offset] ?? null);
          }),
        titled,
      },
      file === null ? null : NamesFile.decode(file),
      linesWith('quince'),
    );
    names.readFacts(titles.map((_, row) => row));
    return { found: titles.map((_, row) => names.isIn(row)), read, update: names.update };
  }

  it('are found in facts by the first search, and in the file that it wrote by the next one', () => {
    const titles = ['quince jam', 'apple', 'a quince', '</b>'];
    const first = search(titles, null);
    expect(first).toMatchObject({ found: [true, false, true, true], read: [0, 1, 2, 3] });
    expect(search(titles, first.update)).toEqual({ found: [true, false, true, true], read: [], update: null });
  });

  it('are read again if their facts changed, at whatever position they are now', () => {
    const { update } = search(['quince jam', 'apple', 'pear'], null);
    const changed = search(['plum', 'quince', 'apple', 'pear'], update);
    expect(changed).toEqual({ found: [false, true, false, false], read: [0, 1], update: null });
  });

  it('are stored again once many of them are new', () => {
    const { update } = search(['quince jam'], null);
    const many = Array.from({ length: 64 }, (_, n) => `title ${n}`);
    const again = search(['quince jam', ...many], update);
    expect(search(['quince jam', ...many], again.update).read).toEqual([]);
    expect(search(['quince jam', ...many.slice(1)], update).update).toBeNull();
  });

  it('may be those that cannot be read, or have a title elsewhere', () => {
    const titles = ['apple', 'pear', 'plum'];
    const { found, update } = search(titles, null, [1], [2]);
    expect(found).toEqual([false, true, true]);
    expect(search(titles, update)).toMatchObject({ found: [false, false, false], read: [1, 2] });
  });
});

/** Returns the same bytes with the checksum of the file. */
function checked(bytes: Buffer): Buffer {
  const copy = alignedCopy(bytes);
  if (copy.length >= CHECKED_FROM) copy.writeUInt32LE(crc32(copy.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return copy;
}
