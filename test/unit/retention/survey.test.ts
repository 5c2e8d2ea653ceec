import type * as Fs from 'node:fs';
import {
  appendFileSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConfigDir } from '../../../src/claude/model.js';
import type { Target } from '../../../src/retention/model.js';
import { ourFolders, ourFoldersNow, ourProjectDirs } from '../../../src/retention/plan/survey/our-folders.js';
import { surveyTarget, type Survey } from '../../../src/retention/plan/survey/survey.js';
import { surveyTranscript } from '../../../src/retention/plan/survey/transcript-survey.js';
import type { SessionRow } from '../../../src/session-index/session-index.js';
import { isRoot } from '../../support/other-user.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, disk, id, onlySession, put } from '../claude/disk.js';

/** Called before each listing of a folder with its path; may throw. */
const hooks = vi.hoisted(() => ({ list: (_folder: string): void => {} }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const readdirSync = (...args: [path: string]): unknown => {
    hooks.list(args[0]);
    return fs.readdirSync(...args);
  };
  const mocked = { ...fs, readdirSync };
  return { ...mocked, default: mocked };
});

beforeEach(() => void (hooks.list = () => {}));

const ID = id(1);
const SIDE = `projects/-p/${ID}`;
/** Files of one session; those of its transcripts have 4 and 6 bytes, the others 3 and 5. */
const FILES = {
  [`${SIDE}.jsonl`]: '{}\n\n',
  [`${SIDE}/subagents/agent-a.jsonl`]: '{"a":1',
  [`${SIDE}/tool-results/a.txt`]: 'one',
  [`file-history/${ID}/0123@v1`]: 'saved',
};

/** A session with these files, of which each was written at `mtimeMs`, and its side folder 1, 2 … seconds later. */
class Scene {
  readonly root: string;
  readonly configDir: ConfigDir;
  readonly row: SessionRow;

  constructor(files: Record<string, string> = FILES) {
    this.root = disk(files);
    this.configDir = configDirs(this.root)[0] as ConfigDir;
    for (const [at, path] of Object.keys(files).entries()) this.setTime(path, 1000 + at);
    this.row = { file: onlySession(this.root), lastActivityMs: null } as SessionRow;
  }

  setTime(path: string, seconds: number): void {
    lutimesSync(join(this.root, path), seconds, seconds);
  }

  target(more: Partial<Target> = {}): Target {
    const roots = [`${SIDE}.jsonl`, SIDE, `file-history/${ID}`].map((path) => join(this.root, path));
    const about = { configDir: this.configDir, projectDir: '-p', id: ID, row: this.row, copies: [] };
    return { ...about, roots, fingerprinted: roots, ...more };
  }

  survey(more: Partial<Target> = {}): Survey | null {
    return surveyTarget(this.target(more), ourFolders([this.configDir]));
  }

  oddities(more: Partial<Target> = {}): string[] {
    return (this.survey(more)?.oddities ?? []).map(({ code, detail }) => `${code}: ${detail}`);
  }

  path(name: string): string {
    return join(this.root, name);
  }
}

describe('the survey of a session', () => {
  test('counts its files, and has the newest times of its transcripts and of anything', () => {
    const scene = new Scene();
    // Folders are as old as their files here, but for one.
    for (const folder of [SIDE, `${SIDE}/subagents`, `${SIDE}/tool-results`]) scene.setTime(folder, 900);
    scene.setTime(`file-history/${ID}`, 2000);
    expect(scene.survey()).toMatchObject({ files: 4, bytes: 18, writtenMs: 1_001_000, touchedMs: 2_000_000 });
    expect(scene.survey()).toMatchObject({ asIndexed: true, oddities: [] });
    const [, side = ''] = scene.target().roots;
    const rest = scene.survey({ row: null, roots: [join(side, 'tool-results')] });
    expect(rest).toMatchObject({ files: 1, bytes: 3, writtenMs: null, touchedMs: 1_002_000 });
  });

  test('counts a file with several names once', () => {
    const scene = new Scene();
    linkSync(scene.path(`file-history/${ID}/0123@v1`), scene.path(`file-history/${ID}/0123@v2`));
    linkSync(scene.path(`${SIDE}/tool-results/a.txt`), scene.path(`${SIDE}/tool-results/b.txt`));
    expect(scene.survey()).toMatchObject({ files: 4, bytes: 18 });
  });

  test('is null if nothing is left of it, or if its transcript is gone', () => {
    const scene = new Scene();
    rmSync(scene.path(`${SIDE}.jsonl`));
    expect([scene.survey(), scene.survey({ row: null })?.files]).toEqual([null, 3]);
    expect(scene.survey({ row: null, roots: [scene.path('todos/none.json')] })).toBeNull();
  });

  test('says that a transcript differs from the index by size, time or file', () => {
    const scene = new Scene();
    const transcript = scene.path(`${SIDE}.jsonl`);
    appendFileSync(transcript, '\n');
    utimesSync(transcript, 1000, 1000);
    expect(scene.survey()?.asIndexed).toBe(false);
    const touched = new Scene();
    touched.setTime(`${SIDE}.jsonl`, 1001);
    expect(touched.survey()?.asIndexed).toBe(false);
    const replaced = new Scene();
    put(replaced.root, { other: FILES[`${SIDE}.jsonl`] ?? '' });
    replaced.setTime('other', 1000);
    renameSync(replaced.path('other'), replaced.path(`${SIDE}.jsonl`));
    expect(replaced.survey()?.asIndexed).toBe(false);
    expect(scene.survey({ row: null })?.asIndexed).toBe(true);
  });

  test('has a fingerprint of the files that are its own, whatever is shared with copies', () => {
    const scene = new Scene();
    const [transcript = '', side = '', shared = ''] = scene.target().roots;
    const own = { fingerprinted: [transcript, side] };
    const [whole, part] = [scene.survey()?.fingerprint, scene.survey(own)?.fingerprint];
    expect([whole, part]).toEqual([0, 1].map(() => expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string));
    appendFileSync(join(shared, '0123@v1'), 'more');
    expect([scene.survey()?.fingerprint === whole, scene.survey(own)?.fingerprint === part]).toEqual([false, true]);
    // A folder alone has no state, but each name in it has.
    scene.setTime(SIDE, 5);
    expect(scene.survey(own)?.fingerprint).toBe(part);
    put(side, { 'tool-results/b.txt': '' });
    expect(scene.survey(own)?.fingerprint).not.toBe(part);
  });
});

describe('a session is odd', () => {
  test('if one of its topmost paths is a link, but not for links below', () => {
    const scene = new Scene();
    symlinkSync('/etc/hostname', scene.path(`${SIDE}/tool-results/link`));
    expect(scene.oddities()).toEqual([]);
    expect(scene.survey()).toMatchObject({ files: 4, bytes: 18 });
    renameSync(scene.path(SIDE), scene.path('elsewhere'));
    symlinkSync(scene.path('elsewhere'), scene.path(SIDE));
    renameSync(scene.path(`file-history/${ID}`), scene.path('other'));
    symlinkSync(scene.path('other'), scene.path(`file-history/${ID}`));
    // Only the first oddity of a kind is reported.
    expect(scene.oddities()).toEqual([`unrecognised: a link: ${scene.path(SIDE)}`]);
  });

  test('if it is in a folder that is reached through a link', () => {
    const scene = new Scene();
    renameSync(scene.path('file-history'), scene.path('elsewhere'));
    symlinkSync(scene.path('elsewhere'), scene.path('file-history'));
    expect(scene.oddities()).toEqual([
      `not-ours: outside the config dir, or reached through a link: ${scene.path('file-history')}`,
    ]);
  });

  test('if a path cannot be examined or a folder not be listed, unless it has just vanished', () => {
    const scene = new Scene();
    put(scene.root, { 'todos/other.json': '' });
    const long = scene.path(`todos/${'x'.repeat(300)}`);
    expect(scene.oddities({ roots: [...scene.target().roots, long] })).toEqual([
      `unrecognised: cannot be examined (ENAMETOOLONG): ${long}`,
    ]);
    const failing = (code: string): void => {
      hooks.list = (folder) => {
        if (folder.endsWith('tool-results')) throw Object.assign(new Error(code), { code });
      };
    };
    failing('EACCES');
    expect(scene.oddities()).toEqual([`unrecognised: cannot be read (EACCES): ${scene.path(`${SIDE}/tool-results`)}`]);
    failing('ENOENT');
    expect([scene.oddities(), scene.survey()?.files]).toEqual([[], 3]);
  });

  test.runIf(isRoot)('if another user owns a file of it', () => {
    const scene = new Scene();
    const file = scene.path(`${SIDE}/tool-results/a.txt`);
    chownSync(file, 12_345, 12_345);
    expect(scene.oddities()).toEqual([`not-ours: owned by another user: ${file}`]);
  });
});

describe('the survey of a session that is a transcript alone', () => {
  const transcript = { [`${SIDE}.jsonl`]: '{}\n\n' };

  function survey(scene: Scene): Survey | null {
    return surveyTranscript(scene.row.file, ourProjectDirs(ourFolders([scene.configDir])));
  }

  /** A session behind a link, as the scan finds it there. */
  function linked(): Scene {
    const scene = new Scene({ [`${SIDE}.jsonl`]: '{}\n\n' });
    renameSync(scene.path(`${SIDE}.jsonl`), scene.path('moved.jsonl'));
    symlinkSync(scene.path('moved.jsonl'), scene.path(`${SIDE}.jsonl`));
    return Object.assign(scene, { row: { ...scene.row, file: onlySession(scene.root) } });
  }

  test('is that of a walk over its files', () => {
    const scene = new Scene(transcript);
    const expected = { files: 1, bytes: 4, writtenMs: 1_000_000, touchedMs: 1_000_000, asIndexed: true, oddities: [] };
    const roots = [scene.path(`${SIDE}.jsonl`)];
    for (const found of [survey(scene), scene.survey({ roots, fingerprinted: roots })])
      expect(found).toMatchObject(expected);
    expect(survey(scene)?.fingerprint).toBe(scene.survey({ roots, fingerprinted: roots })?.fingerprint);
  });

  test('is odd if it is a link, and null once that is gone', () => {
    const scene = linked();
    const path = scene.path(`${SIDE}.jsonl`);
    expect(survey(scene)).toMatchObject({ writtenMs: null, asIndexed: true, files: 1 });
    expect(survey(scene)?.oddities).toEqual([{ code: 'unrecognised', detail: `a link: ${path}` }]);
    rmSync(path);
    expect(survey(scene)).toBeNull();
    mkdirSync(path);
    expect(survey(scene)?.oddities).toEqual([{ code: 'unrecognised', detail: `neither file nor folder: ${path}` }]);
  });

  test('compares a file that has taken the place of a link with the index', () => {
    const scene = linked();
    const path = scene.path(`${SIDE}.jsonl`);
    rmSync(path);
    linkSync(scene.path('moved.jsonl'), path);
    const { mtimeMs } = scene.row.file.stamp;
    expect(survey(scene)).toMatchObject({ asIndexed: true, oddities: [], writtenMs: mtimeMs });
    for (const [size, seconds] of [
      [4, 7],
      [5, mtimeMs / 1000],
    ] as const) {
      put(scene.root, { other: 'x'.repeat(size) });
      renameSync(scene.path('other'), path);
      utimesSync(path, seconds, seconds);
      expect(survey(scene)?.asIndexed).toBe(false);
    }
  });

  test('is not ours in a project dir that is a link, or of another user', () => {
    const scene = new Scene(transcript);
    const [folder, path] = [scene.path('projects/-p'), scene.path(`${SIDE}.jsonl`)];
    renameSync(folder, scene.path('elsewhere'));
    symlinkSync(scene.path('elsewhere'), folder);
    const outside = { code: 'not-ours', detail: `outside the config dir, or reached through a link: ${folder}` };
    expect(survey(scene)).toMatchObject({ oddities: [outside], asIndexed: true, bytes: 4 });
    if (!isRoot) return;
    const other = linked();
    rmSync(other.path(`${SIDE}.jsonl`));
    put(other.root, { [`${SIDE}.jsonl`]: '' });
    chownSync(other.path(`${SIDE}.jsonl`), 12_345, 12_345);
    const owned = { code: 'not-ours', detail: `owned by another user: ${other.path(`${SIDE}.jsonl`)}` };
    expect([survey(other)?.oddities, path]).toEqual([[owned], path]);
  });
});

describe('a folder is ours', () => {
  test('in the config dir and not behind a link there, whatever leads to the config dir', () => {
    const root = disk({ 'projects/-p/a.jsonl': '', 'tasks/x/1.json': '' });
    const outside = temporaryFolder('outside');
    const link = join(outside, 'link');
    symlinkSync(root, link);
    mkdirSync(join(root, 'tasks2'));
    symlinkSync(outside, join(root, 'behind'));
    for (const path of [root, link]) {
      const [configDir] = configDirs(path) as [ConfigDir];
      const isOurs = ourFolders([configDir]);
      const names = ['', 'projects', 'projects/-p', 'tasks/x', 'behind', 'gone', '../outside'];
      for (let turn = 0; turn < 2; turn++)
        expect(names.filter((name) => isOurs(join(path, name), configDir))).toEqual(names.slice(0, 4));
      expect(isOurs(`${path}2`, configDir)).toBe(false);
    }
  });

  test('until it is replaced by a link, which is checked before each move', () => {
    const root = disk({ 'projects/-p/a.jsonl': '' });
    const folder = join(root, 'projects/-p');
    const [configDir] = configDirs(root) as [ConfigDir];
    const isOurs = ourFoldersNow([configDir]);
    expect([isOurs(folder, configDir), isOurs(folder, configDir)]).toEqual([true, true]);
    renameSync(folder, join(root, 'moved'));
    expect(isOurs(folder, configDir)).toBe(false);
    symlinkSync(join(root, 'moved'), folder);
    expect(isOurs(folder, configDir)).toBe(false);
    rmSync(folder);
    mkdirSync(folder);
    expect(isOurs(folder, configDir)).toBe(true);
    // Its parent is a link now, but the folder at the path is still the same one.
    renameSync(join(root, 'projects'), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'projects'));
    expect(isOurs(folder, configDir)).toBe(true);
  });
});
