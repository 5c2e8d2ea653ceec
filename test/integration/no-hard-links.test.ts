import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { run, type Outcome, type World } from '../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../support/trees.js';
import { temporaryFolder } from '../support/temporary.js';

/** The code hard links fail with, and a folder that looks like another file system. */
const disk = vi.hoisted(() => ({ refusal: null as string | null, apart: null as string | null }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };
  const linkSync: typeof fs.linkSync = (from, to) =>
    disk.refusal === null ? fs.linkSync(from, to) : refuse(disk.refusal);
  const renameSync: typeof fs.renameSync = (from, to) => {
    const isApart = disk.apart !== null && String(from).startsWith(disk.apart) !== String(to).startsWith(disk.apart);
    return isApart ? refuse('EXDEV') : fs.renameSync(from, to);
  };
  return { ...fs, linkSync, renameSync, default: { ...fs, linkSync, renameSync } };
});

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const NEW = 'bbbbbbbb-0000-4000-8000-000000000002';
const folders: string[] = [];

afterEach(() => {
  Object.assign(disk, { refusal: null, apart: null });
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const path = temporaryFolder('no-links');
  folders.push(path);
  return path;
}

function home(): { configDir: string; ccsess: (...argv: string[]) => Promise<Outcome> } {
  const configDir = emptyConfigDir();
  folders.push(configDir);
  writeSession(configDir, ID);
  const world: World = {
    configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
    home: '/nowhere',
    cwd: folder(),
  };
  return { configDir, ccsess: (...argv) => run(argv, world) };
}

/** Hidden files that are left over in `.ccsess` and next to sessions. */
const litter = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)\.(?!ccsess$)[^/]*$|\/lock/.test(path),
  );

describe.each(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
  'on a file system where a hard link fails with %s',
  (code) => {
    test.each([
      ['create', (cwd: string) => ['create', '--id', NEW, '--title', 'New', '--cwd', cwd]],
      ['fork', () => ['fork', ID, '--id', NEW]],
      ['rename', () => ['rename', ID, 'Other']],
      ['tag', () => ['tag', ID, 'x']],
      ['archive', () => ['archive', ID]],
      ['pin', () => ['pin', ID]],
      ['move', (cwd: string) => ['move', '/home/dev/app', cwd, '--yes']],
      ['prune', () => ['prune', '--older-than', '1d', '--yes']],
    ])('%s works', async (_command, argv) => {
      const { configDir, ccsess } = home();
      disk.refusal = code;
      expect(await ccsess(...argv(folder()))).toMatchObject({ stderr: '', exitCode: 0 });
      expect(litter(configDir)).toEqual([]);
    });

    test.each(['create', 'fork'])('%s replaces no session of its id', async (command) => {
      const { configDir, ccsess } = home();
      mkdirSync(join(configDir, 'projects', PROJECT), { recursive: true });
      writeSession(configDir, NEW);
      const before = snapshot(configDir);
      disk.refusal = code;
      expect((await ccsess(command, ...(command === 'fork' ? [ID] : []), '--id', NEW)).exitCode).toBe(5);
      expect(snapshot(configDir)).toEqual(before);
    });

    test('rm and restore leave a session as it was', async () => {
      const { configDir, ccsess } = home();
      const before = snapshot(configDir);
      disk.refusal = code;
      expect(await ccsess('rm', ID, '--yes')).toMatchObject({ stderr: '', exitCode: 0 });
      expect(ofSession(snapshot(configDir), ID)).toEqual({});
      expect(await ccsess('restore', ID, '--keep-times')).toMatchObject({ stderr: '', exitCode: 0 });
      expect(snapshot(configDir)).toEqual(before);
      expect(litter(configDir)).toEqual([]);
    });

    test('a trash on another file system keeps hard links as files', async () => {
      const { configDir, ccsess } = home();
      const before = snapshot(configDir);
      Object.assign(disk, { refusal: code, apart: folder() });
      expect(await ccsess('rm', ID, '--yes', '--trash-dir', disk.apart ?? '')).toMatchObject({
        stderr: '',
        exitCode: 0,
      });
      expect(ofSession(snapshot(configDir), ID)).toEqual({});
      expect(await ccsess('restore', ID, '--keep-times', '--trash-dir', disk.apart ?? '')).toMatchObject({
        stderr: '',
        exitCode: 0,
      });
      const after = snapshot(configDir);
      expect(Object.keys(after)).toEqual(Object.keys(before));
      expect(
        existsSync(join(configDir, 'file-history', ID, 'aa@v2')) &&
          lstatSync(join(configDir, 'file-history', ID, 'aa@v2')).nlink,
      ).toBe(1);
    });
  },
);

describe('files whose names are not UTF-8', () => {
  const NAME = Buffer.from([0x6f, 0x64, 0xff, 0x64]);
  const at = (...parts: (string | Buffer)[]): Buffer =>
    Buffer.concat(parts.map((part, i) => Buffer.concat([Buffer.from(i === 0 ? '' : '/'), Buffer.from(part)])));
  const results = (configDir: string, id: string): string => join(configDir, 'projects', PROJECT, id, 'tool-results');

  /** A session with such a file, and such a folder with another one. */
  function oddHome(): ReturnType<typeof home> {
    const made = home();
    const folderOf = results(made.configDir, ID);
    writeFileSync(at(folderOf, NAME), 'odd output');
    mkdirSync(at(folderOf, Buffer.from([0xfe])));
    writeFileSync(at(folderOf, Buffer.from([0xfe]), NAME), 'odd output below');
    return made;
  }
  const textsIn = (folderOf: string): string[] =>
    [at(folderOf, NAME), at(folderOf, Buffer.from([0xfe]), NAME)].map((path) =>
      existsSync(path) ? readFileSync(path, 'utf8') : 'missing',
    );
  const WHOLE = ['odd output', 'odd output below'];

  test('go to a trash on another file system and back', async () => {
    const { configDir, ccsess } = oddHome();
    disk.apart = folder();
    const done = { stderr: '', exitCode: 0 };
    expect(await ccsess('rm', ID, '--yes', '--trash-dir', disk.apart)).toMatchObject(done);
    expect(ofSession(snapshot(configDir), ID)).toEqual({});
    expect(await ccsess('restore', ID, '--trash-dir', disk.apart)).toMatchObject(done);
    expect(textsIn(results(configDir, ID))).toEqual(WHOLE);
  });

  test('are part of a fork', async () => {
    const { configDir, ccsess } = oddHome();
    expect(await ccsess('fork', ID, '--id', NEW)).toMatchObject({ stderr: '', exitCode: 0 });
    expect(textsIn(results(configDir, NEW))).toEqual(WHOLE);
    expect(textsIn(results(configDir, ID))).toEqual(WHOLE);
  });
});
