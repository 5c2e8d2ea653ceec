import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The command line that pages: `CCSESS_PAGER`, else `PAGER`, else `less -R` where it is installed.
 * `null` = none: an empty one, `cat`, or one whose program is not there.
 */
export function pagerCommand(env: Env): string | null {
  const command = (env['CCSESS_PAGER'] ?? env['PAGER'] ?? 'less -R').trim();
  const program = command.split(/\s+/)[0] ?? '';
  if (program === '' || command === 'cat') return null;
  // A line that needs a shell to be understood is left to the shell.
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
 * Feeds text to a pager as fast as it reads, and resolves when it is closed. Leaving it early ends the
 * feeding and is not an error. `less` gets `FRX` unless the user has options: short text is just printed.
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
  // Ctrl-C goes to both of us; in a pager it stops a search, and must not end us underneath it.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  try {
    await pipeline(Readable.from(chunks), child.stdin).catch(unlessLeftEarly);
    await closed;
  } finally {
    process.off('SIGINT', ignore);
  }
}

function unlessLeftEarly(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
