import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, getPriority } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, requireBuild, root } from '../support/built.js';
import { run } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';
import { answerLine, promptLine, temporaryHome } from '../support/transcripts.js';

const MiB = 1024 * 1024;
const SESSIONS = 120;
/** Large enough for a search with several threads; holes take no space on disk. */
const HOLES = [100 * MiB, 100 * MiB];

const idOf = (n: number): string => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`;
const pathOf = (n: number): string => `projects/-home-dev-app/${idOf(n)}.jsonl`;

/** Sessions with words of all frequencies; two of them have a damaged line of 100 MiB of NULs. */
function manySessions(): string {
  const home = temporaryHome(
    Object.fromEntries(
      Array.from({ length: SESSIONS }, (_, n) => [
        pathOf(n),
        promptLine(`Session ${n}: a journal ${n % 7 === 0 ? 'kumquat' : 'quince'} é`) +
          answerLine(`r${n}`, `An answer on the journal${n % 11 === 0 ? ', and a mangosteen' : ''}`),
      ]),
    ),
  );
  for (const [n, hole] of HOLES.entries()) {
    const path = join(home.path, pathOf(40 * n));
    const { length } = readFileSync(path);
    truncateSync(path, length + hole);
    const fd = openSync(path, 'a');
    writeSync(fd, `\n${promptLine(`a durian behind the hole ${n}`)}`);
    closeSync(fd);
  }
  return home.path;
}

let configDir = '';
let cacheDir = '';
let hook = '';
let started = '';
beforeAll(() => {
  configDir = manySessions();
  cacheDir = temporaryFolder('cache');
  started = join(cacheDir, 'threads');
  hook = join(temporaryFolder('hook'), 'hook.cjs');
  writeFileSync(hook, `process.on('worker', () => require('fs').appendFileSync(${JSON.stringify(started)}, '1'));`);
});

const argsOf = (args: readonly string[]): string[] => ['--require', hook, bin, ...args, '--config-dir', configDir];
const env = (): NodeJS.ProcessEnv => ({ ...process.env, XDG_CACHE_HOME: cacheDir, TZ: 'UTC' });

describe('a search with several threads', () => {
  it.each([['journal --json'], ['durian -c']])('prints the same for %s as one thread', async (words) => {
    const args = ['search', ...words.split(' '), '--no-cache'];
    const { stdout } = await run([...args, '--config-dir', configDir]);
    expect(stdout.length).toBeGreaterThan(60);
    const built = spawnSync(process.execPath, argsOf(args), { encoding: 'utf8', env: env() });
    expect(built).toMatchObject({ stdout, stderr: '', status: 0 });
    if (availableParallelism() > 1) expect(existsSync(started)).toBe(true);
    rmSync(started, { force: true });
  });

  it('ends when its pipe is closed', async () => {
    const search = spawn(process.execPath, argsOf(['search', 'journal', '--no-cache']), {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(search.stdout, 'data');
    search.stdout.destroy();
    expect(await once(search, 'exit')).toEqual([0, null]);
  });

  it.skipIf(process.platform !== 'linux')(
    'searches in the background with lower priority than the thread that handles keys',
    async () => {
      requireBuild();
      const priorities = (): number[] =>
        readdirSync('/proc/self/task').map((thread) => {
          try {
            return getPriority(Number(thread));
          } catch {
            return -Infinity;
          }
        });
      const own = getPriority(0);
      expect(Math.max(...priorities())).toBe(own);
      const program = join(root, 'dist/search-worker.cjs');
      for (const [isInBackground, lowest] of [
        [false, own],
        [true, Math.min(19, own + 5)],
      ] as const) {
        const worker = new Worker(program, { workerData: { isInBackground } });
        try {
          await once(worker, 'online');
          await expect.poll(() => Math.max(...priorities())).toBe(lowest);
        } finally {
          await worker.terminate();
        }
      }
    },
  );
});
