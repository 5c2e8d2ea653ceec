import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { NOW } from '../../support/builders.js';
import { run, type Outcome } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { PROJECT, snapshot, writeSession } from '../../support/trees.js';
import { put } from '../../unit/claude/disk.js';

const IDS = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const [ONE, TWO] = IDS;
const UNDO = '2026-01-01T00-00-00Z';
const COMMANDS = [
  ['list', '--json'],
  ['forecast'],
  ['protect', ONE],
  ['tag', ONE, 'new'],
  ['pin', ONE],
  ['unpin', ONE],
  ['recover'],
  ['trash'],
  ['restore', '@last-prune'],
  ['prune', '--older-than', '1d', '--orphans', '--yes', '-q'],
  ['restore', '@last-prune', '--keep-times'],
  ['rewind', '--undo', UNDO],
  ['rm', TWO, '--permanent', '--yes'],
  ['trash', 'empty', '--yes'],
  ['recover'],
];

/** A config dir with two sessions, next to a folder that must stay as it is. */
class Scene {
  readonly root = temporaryFolder('names');
  readonly config = join(this.root, 'config');
  readonly outside = join(this.root, 'outside');

  constructor() {
    put(this.root, { 'outside/keep': 'keep\n', 'outside/manifest.jsonl': 'keep\n', [`outside/${ONE}/keep`]: 'keep\n' });
    for (const id of IDS) writeSession(this.config, id);
  }

  own(name: string): string {
    const path = join(this.config, '.ccsess', name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  put(name: string, value: unknown): void {
    writeFileSync(this.own(name), typeof value === 'string' ? value : JSON.stringify(value));
  }

  pipe(name: string): void {
    execFileSync('mkfifo', [this.own(name)]);
  }

  /** A link to something outside; without a name, to the folder itself. */
  link(name: string, target = ''): void {
    symlinkSync(join(this.outside, target), this.own(name));
  }

  /** The entries in the trash that have a folder. */
  entries(): string[] {
    const trash = this.own('trash');
    return readdirSync(trash).flatMap((name) =>
      readdirSync(join(trash, name))
        .filter((entry) => /^\d+$/.test(entry))
        .map((entry) => join('trash', name, entry)),
    );
  }

  run(argv: readonly string[]): Promise<Outcome> {
    const configDirs = resolveConfigDirs({ explicit: [this.config], env: {}, home: this.root, cwd: '/' });
    return run(argv, { configDirs, home: this.root, cwd: '/', now: NOW });
  }
}

const RECORD = { version: 1, path: [PROJECT, `${ONE}.jsonl`], results: [], at: '1970-01-01T00:00:00.000Z' };
const GONE = { pid: 2 ** 22 + 5, startTime: '1', pidDomain: null, at: '2020-01-01T00:00:00.000Z', ended: true };

const PLANTS: [string, (scene: Scene) => void][] = [
  ['a reserve that is a file outside, by another name', (at) => linkSync(join(at.outside, 'keep'), at.own('reserve'))],
  ['a lock that is a file outside, by another name', (at) => linkSync(join(at.outside, 'keep'), at.own('lock'))],
  ['pipes as reserve and mark of the last sweep', (at) => ['reserve', 'swept'].forEach((name) => at.pipe(name))],
  [
    'a lock that names the root, devices and processes as trash',
    (at) => {
      at.put('lock', { ...GONE, inPlace: true, trashDirs: ['/', '/proc', '/dev', at.outside, join(at.config, '..')] });
    },
  ],
  ['a lock nested 100,000 deep', (at) => at.put('lock', '['.repeat(100_000))],
  [
    'marks of restored sessions that name anything',
    (at) => {
      at.put('restored/batch-1.json', { at: '1e400', ids: ['__proto__', 'constructor', 7, null] });
      at.pipe(`restored/${ONE}.json`);
    },
  ],
  [
    'temporary files that are folders, pipes and links',
    (at) => {
      at.link('.lock.0123456789abcdef.tmp');
      at.pipe('.swept.0123456789abcdef.tmp');
      mkdirSync(at.own('restored/.batch-1.json.0123456789abcdef.tmp/x'), { recursive: true });
      symlinkSync(at.outside, join(at.config, 'projects', PROJECT, `.${ONE}.jsonl.0123456789abcdef.tmp`));
    },
  ],
  [
    'records of replaced transcripts with wild figures, pipes and links',
    (at) => {
      at.put('replaced/0000000000000001.json', { ...RECORD, copied: { lines: -5, bytes: -9, size: 1e308 } });
      at.put('replaced/0000000000000001.jsonl', '{"a":1}\n');
      at.put('replaced/0000000000000002.json', { ...RECORD, copied: { lines: 0, bytes: 0, size: 0 } });
      at.link('replaced/0000000000000002.jsonl', 'keep');
      at.pipe('replaced/0000000000000003.json');
      mkdirSync(at.own('replaced/0000000000000004.json'));
    },
  ],
  [
    'a journal of steps with ids in upper case and folders that are links',
    (at) => {
      const step = { id: ONE.toUpperCase(), from: PROJECT, to: '-n', cwd: '/', size: 1, mtimeMs: 1, agents: [] };
      at.put('move.journal', { version: 1, sessions: [step, { ...step, id: ONE }], memory: [], readers: [] });
      symlinkSync(at.outside, join(at.config, 'projects/-n'));
    },
  ],
  ['a folder of undo copies that is a link', (at) => at.link('trash/rewinds')],
  [
    'undo copies that name files outside',
    (at) => {
      for (const [n, path] of ['/etc/hostname', join(at.outside, 'keep'), '../../outside/keep'].entries()) {
        const id = n === 0 ? UNDO : `${UNDO}-${n + 1}`;
        const before = { bytes: 3, mode: 0o666, mtimeMs: 1, sha256: 'x' };
        at.put(`trash/rewinds/${id}/manifest.json`, {
          ...{ schemaVersion: 1, id, kind: 'rewind', undoes: null, savedAt: '2026-01-01T00:00:00Z' },
          ...{ configDir: at.config, sessionId: ONE, projectDir: PROJECT, cwd: '/', title: null, prompt: 1 },
          ...{ messageUuid: 'x', files: [{ path, madeFolders: 9, before }] },
        });
        at.put(`trash/rewinds/${id}/0`, 'bad');
      }
    },
  ],
  [
    'undo copies that are links, in every state',
    (at) => {
      for (const state of ['', '.saving', '.applying', '.emptying']) at.link(`trash/rewinds/${UNDO}${state}`);
      at.link(`trash/rewinds/${UNDO}-2.saving/x`);
      at.pipe(`trash/rewinds/${UNDO}-3/manifest.json`);
    },
  ],
  [
    'runs of the trash that are links, pipes and files',
    (at) => {
      at.link('trash/2026-01-01T00-00-00Z-ffff');
      at.pipe('trash/2026-01-02T00-00-00Z-ffff');
      at.put('trash/2026-01-03T00-00-00Z-ffff', '');
    },
  ],
  [
    'files kept under an id alone in folders that are links',
    (at) => {
      for (const name of ['file-history', 'session-env', 'debug', 'tasks']) {
        rmSync(join(at.config, name), { recursive: true, force: true });
        put(at.outside, { [`${name}/${ONE}/keep`]: 'keep', [`${name}/${TWO}.txt`]: 'keep' });
        symlinkSync(join(at.outside, name), join(at.config, name));
      }
    },
  ],
  [
    'a side folder that leads to its project dir',
    (at) => {
      const side = join(at.config, 'projects', PROJECT, ONE);
      rmSync(side, { recursive: true });
      symlinkSync('.', side);
    },
  ],
  [
    'a projects folder that leads to the config dir',
    (at) => {
      rmSync(join(at.config, 'projects'), { recursive: true });
      symlinkSync('.', join(at.config, 'projects'));
    },
  ],
  [
    'sessions whose ids differ in case alone',
    (at) => {
      for (const id of IDS) writeSession(at.config, id.toUpperCase());
    },
  ],
];

const TRASHED: [string, (scene: Scene, entry: string) => void][] = [
  [
    'compressed files that are links',
    (at, entry) => {
      rmSync(at.own(`${entry}/packed-0-0.gz`));
      at.link(`${entry}/packed-0-0.gz`, 'keep');
    },
  ],
  [
    'compressed files that are pipes',
    (at, entry) => {
      rmSync(at.own(`${entry}/packed-0-0.gz`));
      at.pipe(`${entry}/packed-0-0.gz`);
    },
  ],
  [
    'temporary and damaged files that are links',
    (at, entry) => {
      for (const name of ['damaged-0-0.gz', 'packed-0-0.gz.tmp', 'damaged-0-0.gz.tmp', '0.part', '0.copied'])
        at.link(`${entry}/${name}`, 'keep');
    },
  ],
  [
    'remainders that are links and folders',
    (at, entry) => {
      at.link(`${entry}/0.ccsess-rest-1`, 'keep');
      mkdirSync(at.own(`${entry}/1.ccsess-rest-1`));
    },
  ],
  [
    'a destination that is a pipe',
    (at, entry) => {
      renameSync(at.own(entry), at.own(`${entry}.restoring`));
      at.pipe(`${entry}.restoring/destination`);
    },
  ],
  [
    'a destination outside',
    (at, entry) => {
      renameSync(at.own(entry), at.own(`${entry}.restoring`));
      at.put(`${entry}.restoring/destination`, at.outside);
    },
  ],
  [
    'one entry in every state',
    (at, entry) => {
      for (const state of ['.moving', '.moved', '.restoring', '.emptying', '-0', '-0.copied'])
        execFileSync('cp', ['-a', at.own(entry), at.own(`${entry}${state}`)]);
    },
  ],
];

async function everyCommand(scene: Scene): Promise<void> {
  const before = snapshot(scene.outside);
  for (const argv of COMMANDS) {
    const { stderr, exitCode } = await scene.run(argv);
    expect(stderr, argv.join(' ')).not.toMatch(/internal error|TypeError|RangeError/);
    expect(exitCode, argv.join(' ')).toBeLessThan(6);
    expect(snapshot(scene.outside), argv.join(' ')).toEqual(before);
  }
  expect(readdirSync(scene.root).sort()).toEqual(['config', 'outside']);
}

test.each(PLANTS)(
  '%s: nothing outside changes, nothing hangs, and no internal error is reported',
  async (_what, plant) => {
    const scene = new Scene();
    plant(scene);
    await everyCommand(scene);
  },
);

test.each(TRASHED)(
  'in the trash %s: nothing outside changes, nothing hangs, and no internal error is reported',
  async (_what, plant) => {
    const scene = new Scene();
    await scene.run(['rm', ...IDS, '--yes']);
    for (const entry of scene.entries()) {
      expect(existsSync(scene.own(`${entry}/packed-0-0.gz`))).toBe(true);
      plant(scene, entry);
    }
    await everyCommand(scene);
  },
);
