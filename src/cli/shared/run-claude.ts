import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { CcsessError } from '../../system/errors.js';
import { launchEnv, notExecutable, type ClaudeLaunch } from '../../claude/launch.js';
import { errorCode } from '../../system/problem.js';
import { leaveInterruptsToChild } from '../terminal/interrupts.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Signals sent to ccsess alone are forwarded to Claude Code; when it ends, ccsess ends too. */
const FORWARDED_SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Starts Claude Code with the same stdin, stdout and stderr, in the same process group, and resolves to its exit code
 * (128 + N if signal N ended it). Ctrl-C reaches both processes, and only Claude Code reacts to it.
 */
export async function runClaude(launch: ClaudeLaunch, env: Env): Promise<number> {
  return start(launch, env, 'inherit').ended;
}

/** Runs Claude Code with `input` as its stdin and returns its stdout. */
export async function askClaude(
  launch: ClaudeLaunch,
  env: Env,
  input: string,
): Promise<{ exitCode: number; stdout: string }> {
  const { child, ended } = start(launch, env, ['pipe', 'pipe', 'inherit']);
  child.stdin?.on('error', () => {}); // if Claude Code ends without reading everything, its exit code is the error
  child.stdin?.end(input);
  const [exitCode, stdout] = await Promise.all([ended, child.stdout === null ? '' : text(child.stdout)]);
  return { exitCode, stdout };
}

function start(launch: ClaudeLaunch, env: Env, stdio: StdioOptions): { child: ChildProcess; ended: Promise<number> } {
  const { program, args, cwd } = launch;
  const child = spawn(program, args, { cwd, env: launchEnv(launch, env), stdio });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const release = leaveInterruptsToChild();
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(startFailure(error, launch)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(() => {
    release();
    for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
  });
  return { child, ended };
}

function startFailure(error: Error, { program, cwd }: ClaudeLaunch): Error {
  const code = errorCode(error);
  if (!existsSync(cwd)) return new CcsessError('IO', `${cwd}: this folder no longer exists.`, { cause: error });
  if (code === 'ENOENT')
    return new CcsessError(
      'CLAUDE_NOT_FOUND',
      `${program} cannot be started: the program or something it depends on is missing.`,
      { cause: error },
    );
  return code === 'EACCES' || code === 'ENOEXEC' ? notExecutable(program) : error;
}
