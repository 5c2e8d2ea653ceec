import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** The program as users start it. */
export const bin = join(root, 'bin/ccsess.js');

/** Output and exit of one run of the built program. */
export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Throws unless `dist/` is there and newer than every source, so that no test runs an old build. */
export function requireBuild(): void {
  const built = join(root, 'dist/main.cjs');
  const isStale = (): boolean => {
    const builtMs = statSync(built).mtimeMs;
    return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > builtMs,
    );
  };
  if (!existsSync(built) || isStale()) throw new Error('dist/ is missing or older than src/: npm run build');
}

/** Options of a run. */
export interface RunOptions {
  home: string;
  env?: Record<string, string>;
  /** Default: the home. */
  cwd?: string;
  /** A shell pipeline that gets the output of ccsess; `code` is still the exit code of ccsess. */
  pipeInto?: string;
  /** Runs ccsess in a pid namespace of its own, as in a container that shares the home: it sees no other process. */
  alone?: boolean;
}

/**
 * Runs the built program with nothing in its environment but PATH, a home of its own and what is given,
 * stdin closed, stdout and stderr pipes.
 */
export async function ccsess(args: readonly string[], options: RunOptions): Promise<Run> {
  requireBuild();
  const env = { PATH: process.env['PATH'] ?? '', HOME: options.home, TZ: 'UTC', ...options.env };
  const cwd = options.cwd ?? options.home;
  const namespace = options.alone === true ? ['unshare', '-rpf', '--mount-proc'] : [];
  const [program = '', ...words] = [...namespace, process.execPath, bin, ...args];
  const command =
    options.pipeInto === undefined
      ? spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(
          'bash',
          ['-c', `"$0" "$@" | ${options.pipeInto}; exit "\${PIPESTATUS[0]}"`, process.execPath, bin, ...args],
          { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
        );
  const run: Run = { code: null, signal: null, stdout: '', stderr: '' };
  command.stdout.setEncoding('utf8').on('data', (text: string) => void (run.stdout += text));
  command.stderr.setEncoding('utf8').on('data', (text: string) => void (run.stderr += text));
  return new Promise((done, failed) => {
    command.once('error', failed);
    command.once('close', (code, signal) => done({ ...run, code, signal }));
  });
}
