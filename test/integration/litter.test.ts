import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { ownMark } from '../../src/system/temporaries.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';
import { emptyConfigDir, PROJECT, ofSession, snapshot, writeSession } from '../support/trees.js';

const ONE = 'aaaaaaaa-0000-4000-8000-000000000001';
const OTHER = 'cccccccc-0000-4000-8000-000000000003';
const NEW = 'bbbbbbbb-0000-4000-8000-000000000002';
const LIVE = process.pid;
const ENDED = spawnSync('true').pid;

function home(): { configDir: string; at: (path: string) => string; ccsess: (...argv: string[]) => Promise<Outcome> } {
  const configDir = emptyConfigDir();
  writeSession(configDir, ONE);
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  const world: World = { configDirs, home: '/nowhere', cwd: '/', system: IDLE, now: Date.now() };
  return { configDir, at: (path) => join(configDir, path), ccsess: (...argv) => run(argv, world) };
}

const temporary = (name: string, pid: number): string =>
  `.${name}.${pid.toString(16).padStart(6, '0')}${ownMark()}abcdef.tmp`;
const litter = (configDir: string): string[] =>
  readdirSync(configDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tmp'))
    .sort();

const withoutLitter = (configDir: string): object =>
  Object.fromEntries(Object.entries(ofSession(snapshot(configDir), ONE)).filter(([path]) => !path.endsWith('.tmp')));

const KINDS: [string, string][] = [
  ['.ccsess', 'lock'],
  ['.ccsess', 'lock.takeover'],
  ['.ccsess', 'move.journal'],
  ['.ccsess/restored', `${ONE}.json`],
  [`projects/${PROJECT}`, `${ONE}.jsonl`],
  [`projects/${PROJECT}`, NEW],
  [`projects/${PROJECT}/${ONE}`, 'custom-title.json'],
  [`projects/${PROJECT}/${ONE}`, 'archived.json'],
  [`projects/${PROJECT}/${ONE}`, 'pinned.json'],
  ['file-history', NEW],
];

describe('the next changing command', () => {
  test.each([
    ['recover'],
    ['rm', OTHER, '--yes'],
    ['prune', '--older-than', '9000d', '--yes'],
    ['move', '--session', OTHER, '/', '--yes'],
  ])('removes temporary files of every kind whose writer is gone: %s', async (...command) => {
    const { configDir, at, ccsess } = home();
    writeSession(configDir, OTHER);
    const before = withoutLitter(configDir);
    const kept: string[] = [];
    for (const [folder, name] of KINDS) {
      mkdirSync(at(folder), { recursive: true });
      writeFileSync(at(join(folder, temporary(name, ENDED))), 'half');
      kept.push(join(folder, temporary(name, LIVE)));
      writeFileSync(at(join(folder, temporary(name, LIVE))), 'being written');
    }
    // A move removes the temporary files of journals too, since journals are written only under the lock that it holds.
    if (command[0] === 'move') kept.splice(2, 1);
    kept.push(join('projects', PROJECT, temporary('notes', ENDED)));
    writeFileSync(at(join('projects', PROJECT, temporary('notes', ENDED))), 'of somebody else');
    expect((await ccsess(...command)).stderr).toBe('');
    expect(litter(configDir)).toEqual(kept.sort());
    expect(withoutLitter(configDir)).toEqual(before);
  });

  test('keeps the files of a fork that another process is still making under the same id', async () => {
    const { configDir, at, ccsess } = home();
    for (const folder of [`projects/${PROJECT}/${NEW}`, `file-history/${NEW}`]) {
      mkdirSync(at(folder), { recursive: true });
      writeFileSync(at(join(folder, 'file')), 'published before the transcript');
    }
    for (const pid of [ENDED, LIVE])
      writeFileSync(at(join('projects', PROJECT, temporary(`${NEW}.jsonl`, pid))), 'being written');
    const before = snapshot(configDir);
    const { stderr } = await ccsess('recover');
    expect(stderr).toBe('');
    delete before[join('projects', PROJECT, temporary(`${NEW}.jsonl`, ENDED))];
    expect(snapshot(configDir)).toEqual(before);
  });

  test('removes the side folder and backups of a fork that was killed before its transcript appeared', async () => {
    const { configDir, at, ccsess } = home();
    const before = snapshot(configDir);
    for (const folder of [`projects/${PROJECT}/${NEW}`, `file-history/${NEW}`]) {
      mkdirSync(at(folder), { recursive: true });
      writeFileSync(at(join(folder, 'file')), 'published before the transcript');
    }
    writeFileSync(at(join('projects', PROJECT, temporary(`${NEW}.jsonl`, ENDED))), 'complete');
    await ccsess('recover');
    expect(ofSession(snapshot(configDir), NEW)).toEqual(ofSession(before, NEW));
  });

  test('does not follow links to other folders', async () => {
    const { at, ccsess } = home();
    const elsewhere = temporaryFolder('elsewhere');
    const name = temporary(`${ONE}.jsonl`, ENDED);
    writeFileSync(join(elsewhere, name), 'theirs');
    symlinkSync(elsewhere, at('projects/-linked'));
    await ccsess('recover');
    expect(readFileSync(join(elsewhere, name), 'utf8')).toBe('theirs');
  });
});

test.each([[true], [false]])(
  'an interrupted compression is resumed for all sessions of the run, stale lock: %s',
  async (hasLock) => {
    const { configDir, at, ccsess } = home();
    writeSession(configDir, NEW);
    const before = snapshot(configDir);
    await ccsess('rm', ONE, NEW, '--yes', '--no-compress');
    const [runName = ''] = readdirSync(at('.ccsess/trash'));
    writeFileSync(at(`.ccsess/trash/${runName}/1/packed-0-0.gz.tmp`), 'half');
    const stale = { pid: ENDED, at: new Date().toISOString(), pidDomain: null, trashDirs: [at('.ccsess/trash')] };
    if (hasLock) writeFileSync(at('.ccsess/lock'), JSON.stringify(stale));
    await ccsess('recover');
    for (const entry of ['1', '2'])
      expect(
        readdirSync(at(`.ccsess/trash/${runName}/${entry}`)).filter((name) => name.startsWith('packed-')),
      ).toContain('packed-0-0.gz');
    expect(litter(configDir)).toEqual([]);
    for (const id of [ONE, NEW]) await ccsess('restore', id, '--keep-times');
    expect(snapshot(configDir)).toEqual(before);
  },
);

describe('a later sweep', () => {
  const SIDE_FOLDER = `projects/${PROJECT}/${ONE}`;

  /** A home that was swept, with a temporary file that was left in a side folder since then. */
  async function swept(pid: number): Promise<ReturnType<typeof home> & { left: string }> {
    const made = home();
    writeSession(made.configDir, OTHER);
    for (let folder = 0; folder < 100; folder++) mkdirSync(made.at(`projects/${PROJECT}/folder-${folder}`));
    await made.ccsess('rm', OTHER, '--yes');
    const left = join(SIDE_FOLDER, temporary('custom-title.json', pid));
    writeFileSync(made.at(left), 'half a tit');
    return { ...made, left };
  }

  test('finds a temporary file that was left in a side folder since the sweep before', async () => {
    const { configDir, ccsess } = await swept(ENDED);
    writeSession(configDir, OTHER);
    await ccsess('rm', OTHER, '--yes');
    expect(litter(configDir)).toEqual([]);
  });

  test('does not list a side folder that has not changed since the sweep before', async () => {
    const { configDir, at, left, ccsess } = await swept(ENDED);
    utimesSync(at(SIDE_FOLDER), new Date('2026-01-01'), new Date('2026-01-01'));
    writeSession(configDir, OTHER);
    await ccsess('rm', OTHER, '--yes');
    expect(litter(configDir)).toEqual([left]);
  });

  test('finds a file whose writer was still running during the sweep before', async () => {
    const { configDir, at, left, ccsess } = await swept(LIVE);
    const remove = async (): Promise<void> => {
      writeSession(configDir, OTHER);
      await ccsess('rm', OTHER, '--yes');
    };
    rmSync(at('.ccsess/swept'));
    await remove();
    expect(litter(configDir)).toEqual([left]);
    renameSync(at(left), at(join(SIDE_FOLDER, temporary('custom-title.json', ENDED))));
    utimesSync(at(SIDE_FOLDER), new Date('2026-01-01'), new Date('2026-01-01'));
    await remove();
    expect(litter(configDir)).toEqual([]);
  });
});
