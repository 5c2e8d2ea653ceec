import type * as Fs from 'node:fs';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { appendEntries } from '../../../src/transcript/append.js';
import { disk } from '../claude/disk.js';

/**
 * Another run that changes the file at the path right after it was opened or written; if `strange`, inode numbers
 * change at each look.
 */
const other = vi.hoisted(() => ({
  afterOpen: (): void => {},
  afterWrite: (): void => {},
  afterTimes: (): void => {},
  strange: false,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const write: (...args: Parameters<typeof fs.writeSync>) => number = (...args) => {
    const written = fs.writeSync(...args);
    other.afterWrite();
    return written;
  };
  const setTimes: typeof fs.futimesSync = (...args) => {
    fs.futimesSync(...args);
    other.afterTimes();
  };
  const open: typeof fs.openSync = (...args) => {
    const fd = fs.openSync(...args);
    other.afterOpen();
    return fd;
  };
  let inode = 1n;
  const stat: (...args: [path: string, options?: Fs.StatSyncOptions]) => unknown = (path, options) => {
    const stats = fs.statSync(path, options);
    return other.strange && stats !== undefined ? Object.assign(stats, { ino: inode++ }) : stats;
  };
  const mocked = { ...fs, openSync: open, writeSync: write, futimesSync: setTimes, statSync: stat };
  return { ...mocked, default: mocked };
});

beforeEach(() => {
  const nothing = (): void => {};
  Object.assign(other, { afterOpen: nothing, afterWrite: nothing, afterTimes: nothing, strange: false });
});

const OLD = new Date('2026-01-02T03:04:05.678Z');

function transcript(text: string): string {
  const path = join(disk({ 't.jsonl': text }), 't.jsonl');
  utimesSync(path, OLD, OLD);
  return path;
}

test('entries become whole lines at the end, and file times are unchanged', () => {
  const path = transcript('{"a":1}\n');
  expect(appendEntries(path, [{ b: 'é' }, { c: 3 }], { keepTimes: true })).toEqual({ keptTimes: true });
  expect([statSync(path).mtime, statSync(path).atime]).toEqual([OLD, OLD]);
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":"é"}\n{"c":3}\n');
});

test('a last line without a newline is ended first', () => {
  const path = transcript('{"a":1}\n{"torn":"li');
  appendEntries(path, [{ b: 2 }], { keepTimes: false });
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"torn":"li\n{"b":2}\n');
  expect(statSync(path).mtimeMs).toBeGreaterThan(OLD.getTime());
});

test('a write that fails does not remove lines that another program has written since', () => {
  const path = transcript('{"a":1}\n');
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  other.afterWrite = () => {
    other.afterWrite = () => {};
    throw full;
  };
  expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: false })).toThrow(full);
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n');
  other.afterWrite = () => {
    other.afterWrite = () => {};
    appendFileSync(path, '{"other":1}\n');
    throw full;
  };
  expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: false })).toThrow(full);
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n{"other":1}\n');
});

test('a write that fails leaves the times unchanged, and the file closed', () => {
  const path = transcript('{"a":1}\n');
  const nextFd = (): number => {
    const fd = openSync(path, 'r');
    closeSync(fd);
    return fd;
  };
  const free = nextFd();
  other.afterWrite = () => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: false })).toThrow('ENOSPC');
  expect([statSync(path).mtime, statSync(path).atime]).toEqual([OLD, OLD]);
  other.strange = true;
  other.afterWrite = () => {};
  appendEntries(path, [{ b: 2 }], { keepTimes: false });
  expect(nextFd()).toBe(free);
});

test('times that cannot be restored are reported as changed, and the lines are kept', () => {
  const path = transcript('{"a":1}\n');
  other.afterTimes = () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  };
  expect(appendEntries(path, [{ b: 2 }], { keepTimes: true })).toEqual({ keptTimes: false });
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
  other.afterTimes = () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  expect(() => appendEntries(path, [{ c: 3 }], { keepTimes: true })).toThrow('EIO');
});

test('a file that another program appends to while its times are restored counts as changed now', () => {
  const path = transcript('{"a":1}\n');
  other.afterTimes = () => {
    other.afterTimes = () => {};
    appendFileSync(path, '{"other":1}\n');
    utimesSync(path, OLD, OLD);
  };
  expect(appendEntries(path, [{ b: 2 }], { keepTimes: true })).toEqual({ keptTimes: false });
  expect(statSync(path).mtimeMs).toBeGreaterThan(OLD.getTime());
});

test('a file that another program appends to right afterwards counts as changed, and keeps its new time', () => {
  const path = transcript('{"a":1}\n');
  const written = new Date('2026-02-03T04:05:06.000Z');
  other.afterWrite = () => {
    other.afterWrite = () => {};
    appendFileSync(path, '{"other":1}\n');
    utimesSync(path, written, written);
  };
  expect(appendEntries(path, [{ b: 2 }], { keepTimes: true })).toEqual({ keptTimes: false });
  expect([readFileSync(path, 'utf8'), statSync(path).mtime]).toEqual(['{"a":1}\n{"b":2}\n{"other":1}\n', written]);
});

test('two writers do not lose lines of each other', () => {
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

test('an empty or missing file stays so', () => {
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

describe('an append to a path at which another file appears meanwhile', () => {
  const replaceBy = (path: string, text: string, times: number): void => {
    let left = times;
    other.afterWrite = () => {
      if (left-- <= 0) return;
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    };
  };

  test('reaches that file too', () => {
    const path = transcript('{"a":1}\n');
    replaceBy(path, '{"new":1}\n{"torn', 3);
    appendEntries(path, [{ b: 2 }], { keepTimes: true });
    expect(readFileSync(path, 'utf8')).toBe('{"new":1}\n{"torn\n{"b":2}\n');
  });

  test('writes to that file only if it appeared before the append', () => {
    const path = transcript('{"a":1}\n');
    const opened = openSync(path, 'r');
    other.afterOpen = () => {
      other.afterOpen = () => {};
      writeFileSync(`${path}.new`, '{"new":1}\n');
      renameSync(`${path}.new`, path);
    };
    appendEntries(path, [{ b: 2 }], { keepTimes: false });
    expect([readFileSync(path, 'utf8'), readFileSync(opened, 'utf8')]).toEqual(['{"new":1}\n{"b":2}\n', '{"a":1}\n']);
    closeSync(opened);
  });

  test('is repeated for ten such files at most', () => {
    const path = transcript('{"a":1}\n');
    let appends = 0;
    replaceBy(path, '{"new":1}\n', Infinity);
    const replace = other.afterWrite;
    other.afterWrite = () => {
      appends++;
      replace();
    };
    expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: false })).not.toThrow();
    expect(appends).toBe(11);
  });

  test('fails if that file is empty', () => {
    const path = transcript('{"a":1}\n');
    replaceBy(path, '', 1);
    expect(() => appendEntries(path, [{ b: 2 }], { keepTimes: false })).toThrow(
      expect.objectContaining({ code: 'EEMPTY' }),
    );
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('reaches a file that was moved away', () => {
    const path = transcript('{"a":1}\n');
    other.afterWrite = () => renameSync(path, `${path}.moved`);
    expect(appendEntries(path, [{ b: 2 }], { keepTimes: false })).toEqual({ keptTimes: false });
    expect(readFileSync(`${path}.moved`, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
    other.afterWrite = () => {};
    const replaced = transcript('{"a":1}\n');
    let writes = 0;
    other.afterWrite = () => {
      if (writes++ > 0) return;
      writeFileSync(`${replaced}.new`, '{"new":1}\n');
      renameSync(`${replaced}.new`, replaced);
      Object.assign(other, { afterWrite: () => rmSync(replaced) });
    };
    expect(() => appendEntries(replaced, [{ b: 2 }], { keepTimes: false })).not.toThrow();
  });

  test('reaches a file whose folder was moved away, with a file now in its place', () => {
    const folder = join(disk({ 'project/t.jsonl': '{"a":1}\n' }), 'project');
    other.afterWrite = () => {
      renameSync(folder, `${folder}.moved`);
      writeFileSync(folder, '');
    };
    expect(appendEntries(join(folder, 't.jsonl'), [{ b: 2 }], { keepTimes: false })).toEqual({ keptTimes: false });
    expect(readFileSync(join(`${folder}.moved`, 't.jsonl'), 'utf8')).toBe('{"a":1}\n{"b":2}\n');
  });

  test('is made once on file systems without reliable inode numbers', () => {
    other.strange = true;
    const path = transcript('{"a":1}\n');
    let opened = 0;
    other.afterOpen = () => void opened++;
    appendEntries(path, [{ b: 2 }], { keepTimes: false });
    expect([readFileSync(path, 'utf8'), opened]).toEqual(['{"a":1}\n{"b":2}\n', 3]);
  });
});

test('a line is kept in a file of another user, whose times cannot be restored', () => {
  const path = transcript('{"type":"user"}\n');
  other.afterTimes = () => {
    throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
  };
  expect(appendEntries(path, [{ type: 'tag' }], { keepTimes: true })).toEqual({ keptTimes: false });
  expect(readFileSync(path, 'utf8')).toBe('{"type":"user"}\n{"type":"tag"}\n');
});
