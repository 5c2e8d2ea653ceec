import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Context } from '../context.js';
import { oneLine } from '../render/text/sanitize.js';
import { leaveInterruptsToChild } from '../terminal/interrupts.js';
import type { Entry } from './find/entry.js';
import type { UserCommand } from './keys/key-map.js';

const STDERR = 2;

/**
 * Runs a program of the user's configuration, without a shell, in the session's folder; its output goes to the
 * terminal, never to our stdout. Returns a sentence if it failed, else null.
 */
export function runUserCommand(command: UserCommand, entry: Entry, context: Context): Promise<string | null> {
  const { label } = command;
  const { id, path } = entry.row.file;
  const cwd = entry.text?.cwd ?? context.cwd;
  const values: Readonly<Record<string, string>> = { '{id}': id, '{path}': path, '{cwd}': cwd };
  const [program = '', ...args] = command.run.map((word) =>
    word.replace(/\{(?:id|path|cwd)\}/g, (name) => values[name] ?? name),
  );
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: existsSync(cwd) ? cwd : context.cwd,
      env: { ...context.env },
      stdio: ['inherit', STDERR, STDERR],
    });
    const release = leaveInterruptsToChild();
    const end = (failure: string | null): void => {
      release();
      resolve(failure);
    };
    child.once('error', (error) => end(`${oneLine(label)} cannot be started: ${oneLine(error.message)}.`));
    child.once('exit', (code, signal) => {
      const how = code === null ? `signal ${String(signal)}` : `exit code ${code}`;
      end(code === 0 ? null : `${oneLine(label)} ended with ${how}.`);
    });
  });
}
