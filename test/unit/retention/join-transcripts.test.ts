import {
  appendFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { isJoined, joinTranscripts } from '../../../src/retention/restore/join-transcripts.js';
import { answerLine, line, promptLine } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Called just before a file takes the name of another. */
const hooks = vi.hoisted(() => ({ beforeRename: (): void => {} }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const renameSync: typeof fs.renameSync = (from, to) => {
    hooks.beforeRename();
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync, default: { ...fs, renameSync } };
});

beforeEach(() => void (hooks.beforeRename = () => {}));

/** Renames past the hook. */
const renameFile = process.getBuiltinModule('node:fs').renameSync;

interface Files {
  first: string;
  place: string;
  temporary: string;
}

function files(first: string | Buffer, remainder: string | Buffer): Files {
  const folder = temporaryFolder('join');
  const paths = { first: join(folder, '0'), place: join(folder, 'id.jsonl'), temporary: join(folder, '.joined') };
  writeFileSync(paths.first, first, { mode: 0o640 });
  writeFileSync(paths.place, remainder, { mode: 0o600 });
  return paths;
}

/** The joined text; the first file and the temporary one are gone. */
function joined({ first, place, temporary }: Files, beforeReplacing = (): void => {}): string {
  joinTranscripts(first, place, { temporary, beforeReplacing });
  expect([existsSync(first), existsSync(temporary)]).toEqual([false, false]);
  return readFileSync(place, 'utf8');
}

const [A, B, C] = [promptLine('A'), answerLine('msg_b', 'B'), promptLine('C')] as const;
const title = (text: string): string => line({ type: 'custom-title', customTitle: text, sessionId: 'x' });

describe('a transcript and its remainder', () => {
  test('become one file, the transcript first', () => {
    expect(joined(files(A + B, C))).toBe(A + B + C);
  });

  test('have each entry once, even if its other bytes differ', () => {
    expect(joined(files(A + B, B.replace('"B"', '"b"') + C))).toBe(A + B + C);
  });

  test('have lines without a uuid once if they repeat the end of the transcript', () => {
    expect(joined(files(A + title('1') + title('2'), title('1') + title('2') + C))).toBe(
      A + title('1') + title('2') + C,
    );
    expect(joined(files(A + title('1'), title('1') + title('1') + C))).toBe(A + title('1') + title('1') + C);
  });

  test('keep a title that was given again: the last one counts', () => {
    expect(joined(files(A + title('1') + title('2'), title('1') + C))).toBe(
      A + title('1') + title('2') + title('1') + C,
    );
  });

  test('are separated by a newline if the last line lacks one, and keep a torn end', () => {
    expect(joined(files(A + B.trimEnd(), C.trimEnd()))).toBe(A + B + C.trimEnd());
    expect(joined(files(`${A}{"type":"us`, `${C}{"uu`))).toBe(`${A}{"type":"us\n${C}{"uu`);
  });

  test('become the other one if one of them is empty', () => {
    expect(joined(files(A, ''))).toBe(A);
    expect(joined(files('', C))).toBe(C);
  });

  test('are joined byte for byte where lines are damaged, long or of another encoding', () => {
    const odd = (letter: string): Buffer =>
      Buffer.concat([
        Buffer.from([0xff, 0xfe, 0, letter.charCodeAt(0), 10]),
        Buffer.from(`{"a":"${letter.repeat(3_000_000)}"}\r\n{"b"\n\n`),
      ]);
    const paths = files(
      Buffer.concat([odd('x'), Buffer.from(A)]),
      Buffer.concat([odd('y'), Buffer.from(A + C), odd('x')]),
    );
    joined(paths);
    // `{"b"` and the empty line are repeated too, since they are before an entry that is repeated.
    const [first, second = Buffer.alloc(0)] = [odd('x'), odd('y')];
    expect(
      readFileSync(paths.place).equals(
        Buffer.concat([first, Buffer.from(A), second.subarray(0, second.length - 6), Buffer.from(C), odd('x')]),
      ),
    ).toBe(true);
  });

  test('have each entry and note once if the remainder repeats the transcript from its start', () => {
    const note = line({ type: 'mode', mode: 'normal' });
    expect(joined(files(title('1') + A + note + B, note + A + note + B + note + C + note))).toBe(
      title('1') + A + note + B + note + C + note,
    );
  });

  test('have the mode of the first and the newer of their times', () => {
    const paths = files(A, C);
    // A time of access in the future is not changed when the file is read.
    const accessed = new Date(Math.floor(Date.now() / 1000 + 3600) * 1000);
    utimesSync(paths.first, 1000, 1000);
    utimesSync(paths.place, accessed, 2000);
    joined(paths);
    const { mode, mtimeMs, atime } = statSync(paths.place);
    expect([mode & 0o777, mtimeMs, atime]).toEqual([0o640, 2_000_000, accessed]);
    const older = files(A, C);
    utimesSync(older.first, 3000, 3000);
    utimesSync(older.place, 2000, 2000);
    joined(older);
    expect(statSync(older.place).mtimeMs).toBe(3_000_000);
  });

  test('keep a note of the remainder that follows a new entry, even if it repeats one of the transcript', () => {
    const note = line({ type: 'mode', mode: 'normal' });
    expect(joined(files(note + A, C + note + A))).toBe(note + A + C + note);
  });

  test('are not written through a link that has the name of the temporary file', () => {
    const paths = files(A, C);
    const outside = join(temporaryFolder('outside'), 'file');
    writeFileSync(outside, 'mine');
    symlinkSync(outside, paths.temporary);
    expect([joined(paths), readFileSync(outside, 'utf8')]).toEqual([A + C, 'mine']);
  });
});

test.each([
  ['both are equal', A, A, true],
  ['lines follow', A, A + C, true],
  ['lines follow a last line that was ended', A.trimEnd(), A + C, true],
  ['the first byte differs', A, `[${A.slice(1)}`, false],
  ['the last byte differs', A, `${A.slice(0, -1)} `, false],
  ['the last line is longer', A.trimEnd(), `${A.trimEnd()} \n`, false],
  ['a part is missing', A + C, A, false],
  ['the first is empty', '', C, true],
])('a transcript is joined already or not: %s', (_why, first, place, expected) => {
  const paths = files(first, place);
  expect(isJoined(paths.first, paths.place)).toBe(expected);
});

describe('nothing is changed', () => {
  test('when it is cancelled right before', () => {
    const paths = files(A, C);
    expect(() =>
      joined(paths, () => {
        throw new Error('live');
      }),
    ).toThrow('live');
    expect([
      readFileSync(paths.first, 'utf8'),
      readFileSync(paths.place, 'utf8'),
      readdirSync(join(paths.place, '..')).length,
    ]).toEqual([A, C, 2]);
  });

  test('when the remainder is written to all the time', () => {
    const paths = files(A, C);
    expect(() => joined(paths, () => appendFileSync(paths.place, B))).toThrow('it is being written to');
    expect(readFileSync(paths.first, 'utf8')).toBe(A);
  });
});

describe('what is written meanwhile is kept', () => {
  test('when it is written while the file is made', () => {
    const paths = files(A, C);
    let writes = 0;
    expect(
      joined(paths, () => {
        if (writes++ === 0) appendFileSync(paths.place, B);
      }),
    ).toBe(A + C + B);
  });

  test('when it is written at the last instant', () => {
    const paths = files(A, C);
    hooks.beforeRename = () => appendFileSync(paths.place, B);
    expect(joined(paths)).toBe(A + C + B);
  });
});

describe('a remainder that is kept until it is replaced', () => {
  /** Joins the files and returns the calls in their order; `keep` is called each time the remainder is kept. */
  function calls(paths: Files, keep: () => void, check = (): void => {}): string[] {
    const made: string[] = [];
    hooks.beforeRename = () => void made.push('replace');
    const keepOld = (): (() => void) => {
      made.push('keep');
      keep();
      return () => void made.push('drop');
    };
    const beforeReplacing = (): void => {
      made.push('check');
      check();
    };
    try {
      joinTranscripts(paths.first, paths.place, { temporary: paths.temporary, beforeReplacing, keepOld });
    } catch (error) {
      made.push(String(error));
    }
    return made;
  }

  test('is not replaced if it has become another file meanwhile, whose lines are joined', () => {
    const paths = files(A, C);
    let kept = 0;
    const made = calls(paths, () => {
      if (kept++ > 0) return;
      writeFileSync(`${paths.place}.new`, B);
      rmSync(paths.place);
      linkSync(`${paths.place}.new`, paths.place);
    });
    expect(made).toEqual(['keep', 'check', 'drop', 'keep', 'check', 'replace', 'drop']);
    expect([readFileSync(paths.place, 'utf8'), existsSync(paths.first)]).toEqual([A + B, false]);
  });

  test('is not replaced if it is gone, or another file of its size', () => {
    const D = promptLine('D');
    expect(D.length).toBe(C.length);
    const paths = files(A, C);
    let checks = 0;
    const made = calls(
      paths,
      () => {},
      () => {
        if (checks++ > 0) return;
        writeFileSync(`${paths.place}.new`, D);
        renameFile(`${paths.place}.new`, paths.place);
      },
    );
    expect(made).toEqual(['keep', 'check', 'drop', 'keep', 'check', 'replace', 'drop']);
    expect(readFileSync(paths.place, 'utf8')).toBe(A + D);
    const gone = files(A, C);
    const calledFor = calls(
      gone,
      () => {},
      () => rmSync(gone.place),
    );
    expect(calledFor.slice(0, 3)).toEqual(['keep', 'check', 'drop']);
    expect([calledFor[3]?.includes('ENOENT'), readFileSync(gone.first, 'utf8')]).toEqual([true, A]);
  });

  test('is kept with the number and the end of the whole lines that the joined file has', () => {
    const paths = files(A + B, `${C}{"torn`);
    const kept: object[] = [];
    const { first, place, temporary } = paths;
    joinTranscripts(first, place, {
      ...{ temporary, beforeReplacing: () => {} },
      keepOld: (copied) => (kept.push(copied), () => {}),
    });
    expect(kept).toEqual([{ lines: 3, bytes: C.length, size: C.length + 6 }]);
    expect(readFileSync(place, 'utf8')).toBe(`${A}${B}${C}{"torn`);
  });

  test('is dropped if a check forbids to replace it', () => {
    const paths = files(A, C);
    const made = calls(
      paths,
      () => {},
      () => {
        throw new Error('it is live');
      },
    );
    expect(made).toEqual(['keep', 'check', 'drop', 'Error: it is live']);
    expect([readFileSync(paths.place, 'utf8'), readFileSync(paths.first, 'utf8')]).toEqual([C, A]);
  });
});

test('a second run changes nothing, even if a session was written to since', () => {
  const paths = files(A, C);
  joined(paths);
  writeFileSync(paths.first, A);
  appendFileSync(paths.place, B);
  expect(isJoined(paths.first, paths.place)).toBe(true);
  expect(joined(paths)).toBe(A + C + B);
});

test('any two transcripts join to the first plus the new lines of the other; joining again adds nothing', () => {
  const entry = fc.oneof(
    fc.integer({ min: 0, max: 9 }).map((n) => line({ type: 'user', uuid: `u${n}` })),
    fc.constantFrom(title('1'), title('2'), '\n', '{"torn\n'),
  );
  const text = fc.array(entry, { maxLength: 8 });
  fc.assert(
    fc.property(text, text, fc.boolean(), (before, after, isCut) => {
      const first = isCut ? before.join('').slice(0, -1) : before.join('');
      const paths = files(first, after.join(''));
      const result = joined(paths);
      const start = first === '' || first.endsWith('\n') || after.length === 0 ? first : `${first}\n`;
      expect(result.startsWith(start)).toBe(true);
      const uuids = (lines: string): string[] => lines.match(/"uuid":"u\d"/g) ?? [];
      const known = new Set(uuids(first));
      const added = result.slice(start.length);
      if (!after.join('').startsWith(first))
        expect(uuids(added)).toEqual(uuids(after.join('')).filter((uuid) => !known.has(uuid)));
      writeFileSync(paths.first, first);
      expect(joined(paths)).toBe(result);
    }),
  );
});
