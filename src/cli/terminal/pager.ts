import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { leaveInterruptsToChild } from './interrupts.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the pager's command line: `CCSESS_PAGER`, else `PAGER`, else `less -R`. Null if it is empty, `cat`, or a
 * program that does not exist.
 */
export function pagerCommand(env: Env): string | null {
  const command = (env['CCSESS_PAGER'] ?? env['PAGER'] ?? 'less -R').trim();
  const program = command.split(/\s+/)[0] ?? '';
  if (program === '' || command === 'cat') return null;
  // A command line with shell syntax is left to the shell.
  return /["'`$=\\(&|;]/.test(command) || isInstalled(program, env) ? command : null;
}

function isInstalled(program: string, env: Env): boolean {
  const folders = program.includes('/') ? [''] : (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Writes text to a pager as fast as it reads, and resolves when it is closed, even if closed early. `less` runs with
 * `FRX` unless the user has set options, so that short text is printed without paging.
 */
export async function page(command: string, chunks: AsyncIterable<string>, env: Env): Promise<void> {
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...env, LESS: env['LESS'] ?? 'FRX', LV: env['LV'] ?? '-c' },
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  // In a pager, Ctrl-C stops a search.
  const release = leaveInterruptsToChild();
  try {
    await pipeline(Readable.from(chunks), child.stdin).catch(ignoreClosedPipe);
    await closed;
  } finally {
    release();
  }
}

/** Ignores the error of a pager that was left before it had read everything, and throws any other. */
function ignoreClosedPipe(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
