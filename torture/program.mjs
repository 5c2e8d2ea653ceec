// Runs the built program, and helpers of a part, as processes.
import { fork, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The folder of the checkout. */
export const root = resolve(import.meta.dirname, '..');
const bin = resolve(root, 'bin/ccsess.js');

/** The environment of a run: a home of its own, and nothing else of this one. */
function environment(home, more = {}) {
  return { PATH: process.env.PATH, HOME: home, TZ: 'UTC', LANG: 'C.UTF-8', ...more };
}

/** Runs the built program with stdin closed; `before` is a command line to put in front of it (strace). */
export function ccsess(args, { home, cwd = home, before = [], env = {} }) {
  const [program, ...words] = [...before, process.execPath, bin, ...args];
  const child = spawn(program, words, { cwd, env: environment(home, env), stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (run.stderr += text));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done({ ...run, code, signal }));
  });
}

/** Starts a module of this folder as a process of its own; `result` resolves to the last message it sends. */
export function helper(name, task, { home, env = {} }) {
  const child = fork(resolve(import.meta.dirname, name), { env: environment(home, env), cwd: home });
  let last = null;
  child.on('message', (message) => (last = message));
  const result = new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done(last) : failed(new Error(`${name} ended with ${code}`))));
  });
  child.send(task);
  return { result, stop: () => child.connected && child.send('stop') };
}
