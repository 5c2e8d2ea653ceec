import { appendFileSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appendEntries } from '../../../src/transcript/append.js';
import { disk } from '../claude/disk.js';

const OLD = new Date('2026-01-02T03:04:05.678Z');

function transcript(text: string): string {
  const path = join(disk({ 't.jsonl': text }), 't.jsonl');
  utimesSync(path, OLD, OLD);
  return path;
}

test('entries become whole lines at the end, and the times stay as they were', () => {
  const path = transcript('{"a":1}\n');
  expect(appendEntries(path, [{ b: 'é' }, { c: 3 }], { keepTimes: true })).toEqual({ keptTimes: true });
  expect([statSync(path).mtime, statSync(path).atime]).toEqual([OLD, OLD]);
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":"é"}\n{"c":3}\n');
});

test('a last line without its end is ended first', () => {
  const path = transcript('{"a":1}\n{"torn":"li');
  appendEntries(path, [{ b: 2 }], { keepTimes: false });
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"torn":"li\n{"b":2}\n');
  expect(statSync(path).mtimeMs).toBeGreaterThan(OLD.getTime());
});

test('two writers do not lose a line of each other', () => {
  const path = transcript('{"a":1}\n');
  for (let n = 0; n < 20; n++) {
    appendEntries(path, [{ n }], { keepTimes: true });
    appendFileSync(path, `{"other":${n}}\n`);
  }
  expect(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toHaveLength(41);
});

test('a file that is empty or gone stays so', () => {
  const path = transcript('');
  expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: true })).toThrow(
    expect.objectContaining({ code: 'EEMPTY' }),
  );
  expect(readFileSync(path, 'utf8')).toBe('');
  const gone = join(path, '..', 'gone.jsonl');
  expect(() => appendEntries(gone, [{ b: 2 }], { keepTimes: true })).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
  expect(existsSync(gone)).toBe(false);
  writeFileSync(path, 'x');
  expect(() => appendEntries(join(path, 'below'), [{ b: 2 }], { keepTimes: true })).toThrow(
    expect.objectContaining({ code: 'ENOTDIR' }),
  );
});
