import type * as Fs from 'node:fs';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { putBack } from '../../../src/retention/restore/put-back.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Codes with which steps fail, functions called right before a step, and the new names that files got. */
const disk = vi.hoisted(() => ({
  linking: null as string | null,
  renaming: null as string | null,
  looking: null as string | null,
  beforeNaming: (_to: string): void => {},
  beforeFlush: (): void => {},
  renamed: [] as string[],
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const link: typeof fs.linkSync = (from, to) => {
    disk.beforeNaming(String(to));
    if (disk.linking !== null) refuse(disk.linking);
    fs.linkSync(from, to);
  };
  const rename: typeof fs.renameSync = (from, to) => {
    disk.beforeNaming(String(to));
    if (disk.renaming !== null) refuse(disk.renaming);
    disk.renamed.push(String(to).split('/').at(-1) ?? '');
    fs.renameSync(from, to);
  };
  const lstat = (...args: Parameters<typeof fs.lstatSync>): unknown =>
    disk.looking !== null && String(args[0]).includes('.ccsess-rest-') ? refuse(disk.looking) : fs.lstatSync(...args);
  const fsync: typeof fs.fsyncSync = (fd) => {
    disk.beforeFlush();
    fs.fsyncSync(fd);
  };
  const mocked = { ...fs, linkSync: link, renameSync: rename, lstatSync: lstat, fsyncSync: fsync };
  return { ...mocked, default: mocked };
});

beforeEach(
  () =>
    void Object.assign(disk, {
      ...{ linking: null, renaming: null, looking: null, renamed: [] },
      ...{ beforeNaming: () => {}, beforeFlush: () => {} },
    }),
);

const TRANSCRIPT = 'one.jsonl';

/** Makes a trash with these files, and others at their paths; returns what to put back, and all that is there then. */
function trash(
  trashed: Record<string, string>,
  there: Record<string, string> = {},
): { from: string; to: (name: string) => string; all: () => Record<string, string> } {
  const root = temporaryFolder('put-back');
  const folders = { trash: join(root, '.ccsess'), home: join(root, 'home') };
  for (const [folder, files] of [
    [folders.trash, trashed],
    [folders.home, there],
  ] as const) {
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }
  const all = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => !lstatSync(join(root, name)).isDirectory())
        .map((name) => [name, lstatSync(join(root, name)).isFile() ? readFileSync(join(root, name), 'utf8') : 'link']),
    );
  return { from: join(folders.trash, '0'), to: (name) => join(folders.home, name), all };
}

/** Puts a transcript back and returns its text; nothing else may be left. */
function restored(trashed: Record<string, string>, there?: string): string | undefined {
  const { from, to, all } = trash(trashed, there === undefined ? {} : { [TRANSCRIPT]: there });
  putBack(from, to(TRANSCRIPT));
  const { [`home/${TRANSCRIPT}`]: text, ...others } = all();
  expect(others).toEqual({});
  return text;
}

const code = (name: string): Error => expect.objectContaining({ code: name }) as Error;

describe('a file', () => {
  test.each(['EPERM', null])('is moved to its folder, which is made, if links fail with %s', (linking) => {
    const { from, to, all } = trash({ '0': 'text' });
    disk.linking = linking;
    putBack(from, to('sub/folder/a.json'));
    putBack(from, to('sub/folder/a.json'));
    expect(all()).toEqual({ 'home/sub/folder/a.json': 'text' });
  });

  test('is moved once if a kill left it with both names', () => {
    const { from, to, all } = trash({ '0': 'text\n' });
    linkSync(from, to(TRANSCRIPT));
    putBack(from, to(TRANSCRIPT));
    expect(all()).toEqual({ 'home/one.jsonl': 'text\n' });
  });

  test('stays in the trash if an error prevents the move', () => {
    const { from, to, all } = trash({ '0': 'text\n' });
    disk.linking = 'EIO';
    expect(() => putBack(from, to(TRANSCRIPT))).toThrow(code('EIO'));
    Object.assign(disk, { linking: 'EPERM', renaming: 'EXDEV' });
    expect(() => putBack(from, to(TRANSCRIPT))).toThrow(code('EXDEV'));
    expect(all()).toEqual({ '.ccsess/0': 'text\n' });
  });

  test.each([null, 'EPERM'])('that a program makes in the last instant is not replaced (links: %s)', (linking) => {
    const { from, to, all } = trash({ '0': 'old\n' });
    disk.linking = linking;
    disk.beforeNaming = (path) => {
      disk.beforeNaming = () => {};
      writeFileSync(path, 'new\n');
    };
    putBack(from, to(TRANSCRIPT));
    expect(all()).toEqual({ 'home/one.jsonl': 'old\nnew\n' });
  });

  test.each<[string, (to: string) => void]>([
    ['a link', (to) => symlinkSync('elsewhere', to)],
    ['a folder', (to) => mkdirSync(to)],
  ])('keeps its bytes in the trash if its path is now %s', (_what, make) => {
    const { from, to } = trash({ '0': 'all that was said\n' });
    make(to(TRANSCRIPT));
    expect(() => putBack(from, to(TRANSCRIPT))).toThrow(`it exists: ${to(TRANSCRIPT)}`);
    expect(readFileSync(from, 'utf8')).toBe('all that was said\n');
  });

  test('that is not a transcript gives way to a later version, and so does a link', () => {
    const { from, to, all } = trash({ '0': 'before' }, { 'custom-title.json': 'after' });
    putBack(from, to('custom-title.json'));
    symlinkSync('elsewhere', from);
    putBack(from, to('custom-title.json'));
    expect(all()).toEqual({ 'home/custom-title.json': 'after' });
  });
});

describe('a folder', () => {
  test('is moved, or joined with what is there', () => {
    const { from, to, all } = trash(
      { '0/a/x.txt': 'a', '0/b.json': 'b', '0/d.jsonl': 'd\n' },
      { 'one/c': 'c', 'one/d.jsonl': 'e\n' },
    );
    putBack(from, to('one'));
    expect(all()).toEqual({
      'home/one/a/x.txt': 'a',
      'home/one/b.json': 'b',
      'home/one/c': 'c',
      'home/one/d.jsonl': 'd\ne\n',
    });
    expect(existsSync(from)).toBe(false);
    mkdirSync(from);
    putBack(from, to('two'));
    expect([existsSync(from), existsSync(to('two'))]).toEqual([false, true]);
  });

  test('keeps its content if its path is now a file', () => {
    const { from, to } = trash({ '0/tool-results/a.txt': 'output' }, { 'one/tool-results': '' });
    expect(() => putBack(from, to('one'))).toThrow('it exists');
    expect(readdirSync(join(from, 'tool-results'))).toEqual(['a.txt']);
  });

  test('gets back a file with the longest possible name', () => {
    const name = `${'n'.repeat(249)}.jsonl`;
    const { from, to, all } = trash({ [`0/${name}`]: 'text\n' }, { 'there/x': '' });
    putBack(from, to('there'));
    expect(all()).toEqual({ [`home/there/${name}`]: 'text\n', 'home/there/x': '' });
  });
});

describe('the remainder of a transcript', () => {
  test('is appended, after those of earlier runs', () => {
    expect(restored({ '0': 'first\n' }, 'second\n')).toBe('first\nsecond\n');
    expect(disk.renamed.splice(0)).toEqual(['0.ccsess-rest-1']);
    expect(restored({ '0': 'first\n', '0.ccsess-rest-3': 'second\n' }, 'third\n')).toBe('first\nsecond\nthird\n');
    expect(disk.renamed).toEqual(['0.ccsess-rest-4']);
  });

  test('is found behind up to seven numbers that are not used', () => {
    const rests = { '0.ccsess-rest-10': 'fourth\n', '0.ccsess-rest-2': 'third\n', '0.ccsess-rest-1': 'second\n' };
    expect(restored(rests, 'first\n')).toBe('first\nsecond\nthird\nfourth\n');
    expect(restored({ '0.ccsess-rest-5': 'second\n', '0.ccsess-rest-12': 'third\n' }, 'first\n')).toBe(
      'first\nsecond\nthird\n',
    );
    expect(restored({ '0.ccsess-rest-8': 'second\n' }, 'first\n')).toBe('first\nsecond\n');
    const { from, to, all } = trash({ '0.ccsess-rest-9': 'second\n' });
    putBack(from, to(TRANSCRIPT));
    expect(all()).toEqual({ '.ccsess/0.ccsess-rest-9': 'second\n' });
  });

  test('becomes the transcript if there is no other', () => {
    expect(restored({ '0.ccsess-rest-1': 'second\n', '0.ccsess-rest-2': 'third\n' })).toBe('second\nthird\n');
  });

  test.each([
    ['the last line gets a newline first', 'first', 'second\n', 'first\nsecond\n'],
    ['even a line of one byte', 'f', 'second\n', 'f\nsecond\n'],
    ['there is no line to end', '', 'second\n', 'second\n'],
    ['a killed run appended one byte of it', 'first\ns', 'second\n', 'first\nsecond\n'],
    ['a killed run appended all but one byte', 'first\nsecond', 'second\n', 'first\nsecond\n'],
    ['a killed run appended all of it', 'first\nsecond\n', 'second\n', 'first\nsecond\n'],
    ['a program wrote after it', 'first\nsecond\nthird', 'second\n', 'first\nsecond\nthird'],
    ['it is longer than the transcript', 'sec', 'second\n', 'second\n'],
  ])('is in the transcript once: %s', (_why, transcript, remainder, expected) => {
    expect(restored({ '0.ccsess-rest-1': remainder }, transcript)).toBe(expected);
  });

  test('is found in the transcript if at most a MiB follows it', () => {
    const later = `${'x'.repeat(1024 * 1024 - 1)}\n`;
    expect(restored({ '0.ccsess-rest-1': 'second\n' }, `second\n${later}`)).toBe(`second\n${later}`);
    expect(restored({ '0.ccsess-rest-1': 'second\n' }, `second\nx${later}`)).toBe(`second\nx${later}second\n`);
  });

  test('brings the lines that a process still writes to it', () => {
    const { from, to, all } = trash({ '0.ccsess-rest-1': 'second\n' }, { [TRANSCRIPT]: 'first\n' });
    disk.beforeFlush = () => {
      disk.beforeFlush = () => {};
      writeFileSync(`${from}.ccsess-rest-1`, 'third\n', { flag: 'a' });
    };
    putBack(from, to(TRANSCRIPT));
    expect(all()).toEqual({ 'home/one.jsonl': 'first\nsecond\nthird\n' });
  });

  test('may be gone when it is set aside; any other error is thrown', () => {
    const gone = trash({ '0': 'old\n' }, { [TRANSCRIPT]: 'new\n' });
    disk.beforeNaming = (path) => {
      if (path.includes('rest')) rmSync(gone.to(TRANSCRIPT));
    };
    putBack(gone.from, gone.to(TRANSCRIPT));
    expect(gone.all()).toEqual({ 'home/one.jsonl': 'old\n' });
    disk.beforeNaming = () => {};
    const { from, to, all } = trash({ '0': 'old\n' }, { [TRANSCRIPT]: 'new\n' });
    disk.renaming = 'EIO';
    expect(() => putBack(from, to(TRANSCRIPT))).toThrow(code('EIO'));
    expect(all()).toEqual({ '.ccsess/0': 'old\n', 'home/one.jsonl': 'new\n' });
  });

  test('is kept if it cannot be looked for, is a folder, or belongs to one', () => {
    const { from, to, all } = trash({ '0.ccsess-rest-1/x': '' }, { 'one.jsonl/y': '', 'two.jsonl': 'first\n' });
    expect(() => putBack(from, to('two.jsonl'))).toThrow(`it exists: ${from}.ccsess-rest-1`);
    rmSync(`${from}.ccsess-rest-1`, { recursive: true });
    writeFileSync(`${from}.ccsess-rest-1`, 'second\n');
    expect(() => putBack(from, to('one.jsonl'))).toThrow(`it exists: ${to('one.jsonl')}`);
    disk.looking = 'EIO';
    expect(() => putBack(from, to('two.jsonl'))).toThrow(code('EIO'));
    disk.looking = null;
    expect(all()).toEqual({
      '.ccsess/0.ccsess-rest-1': 'second\n',
      'home/one.jsonl/y': '',
      'home/two.jsonl': 'first\n',
    });
  });
});
