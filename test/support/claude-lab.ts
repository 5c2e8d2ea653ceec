import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, type Run } from './built.js';
import { temporaryFolder } from './temporary.js';

/** The key in test/e2e/lab.mjs, which opens nothing. */
const API_KEY = 'sk-ant-not-a-key';

/** A started `claude`. */
export interface ClaudeProcess {
  pid: number;
  ended: Promise<Run>;
}

/**
 * One request the API was sent: the text of its messages, in order, and the ids of their tool calls and of the calls
 * answered.
 */
export interface Asked {
  model: string;
  messages: { role: string; text: string; calls: string[]; results: string[] }[];
}

/** A place to run the real Claude Code in: a config dir, a work folder and an API, none of which is real. */
export interface ClaudeLab {
  home: string;
  configDir: string;
  /** Real path of the folder `claude` starts in. */
  work: string;
  start(args: readonly string[], options?: StartOptions): Promise<ClaudeProcess>;
  run(args: readonly string[], options?: StartOptions): Promise<Run>;
  /** All that the API was asked so far. */
  asked(): Promise<Asked[]>;
  /** Starts a program on a terminal, in a folder that Claude Code is set to trust. */
  interactive(args: readonly string[], options?: StartOptions): Promise<Terminal>;
  close(): Promise<void>;
}

/** A terminal of 120 columns and 40 rows with a program on it; what the program exits with is shown as `EXIT=0`. */
export interface Terminal {
  /** Returns the screen once it matches; throws with the screen if it does not in time. */
  shows(pattern: RegExp): Promise<string>;
  type(text: string): Promise<void>;
  /** Presses keys, named as tmux names them: `Enter`, `C-c`, `Escape`. */
  press(...keys: string[]): Promise<void>;
  /** Ends the program and its terminal, as closing the lab does. */
  close(): Promise<void>;
}

/** The program to start in the lab, its folder and its environment: by default `claude` in the work folder. */
export interface StartOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** A program other than `claude`, such as node with ccsess; `CCSESS_CLAUDE_BIN` gives it the path of `claude`. */
  program?: string;
}

type Answer = { pid: number } | { asked: Asked[] } | Run;
type Report = { ready: true } | ({ id: number } & Answer);

/** Why the tests against the real Claude Code are left out, in a sentence; `null` when they run. */
export function whyNoClaude(): string | null {
  return process.env['CCSESS_E2E'] === 'skip' ? 'CCSESS_E2E=skip' : null;
}

/** Opens a lab with fresh, empty folders. `close` ends what still runs in it and removes them. */
export async function openClaudeLab(): Promise<ClaudeLab> {
  const claude = claudeBinary();
  const folder = temporaryFolder('lab');
  const [home, configDir, work] = [join(folder, 'home'), join(folder, 'config'), join(folder, 'work')] as const;
  for (const path of [home, configDir, work]) mkdirSync(path);

  const namespace = spawn('unshare', ['-rn', process.execPath, join(root, 'test/e2e/lab.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reports = createInterface({ input: namespace.stdout });
  const waiting = new Map<number, (report: Answer) => void>();
  await new Promise<void>((ready, failed) => {
    namespace.once('error', failed);
    namespace.once('exit', (code) => failed(new Error(`the lab ended with ${String(code)}`)));
    reports.on('line', (line) => {
      const report = JSON.parse(line) as Report;
      if ('ready' in report) ready();
      else waiting.get(report.id)?.(report);
    });
  });

  let requests = 0;
  const send = (request: object, answered: (answer: Answer) => void): void => {
    const id = ++requests;
    waiting.set(id, answered);
    namespace.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
  };
  const start: ClaudeLab['start'] = (args, { env = {}, cwd = work, program = claude } = {}) =>
    new Promise((begun) => {
      const { promise: ended, resolve } = withResolvers<Run>();
      send({ program, args, cwd, configDir, home, env: { CCSESS_CLAUDE_BIN: claude, ...env } }, (answer) => {
        if ('pid' in answer) begun({ pid: answer.pid, ended });
        else if ('code' in answer) resolve(answer);
      });
    });

  const run: ClaudeLab['run'] = async (args, options) => (await start(args, options)).ended;
  const terminals: Promise<Terminal>[] = [];
  return {
    home,
    configDir,
    work,
    start,
    run,
    interactive: (args, { env = {}, cwd = work, program = claude } = {}) => {
      skipWelcome(configDir, cwd);
      const tmux = (words: readonly string[]): Promise<Run> =>
        run(words, { program: 'tmux', cwd, env: { TMUX_TMPDIR: home, TERM: 'xterm-256color', ...env } });
      const terminal = openTerminal(tmux, `lab-${terminals.length}`, [program ?? '', ...args]);
      terminals.push(terminal);
      return terminal;
    },
    asked: () => new Promise((done) => send({ asked: true }, (answer) => done('asked' in answer ? answer.asked : []))),
    close: async () => {
      for (const terminal of await Promise.allSettled(terminals))
        if (terminal.status === 'fulfilled') await terminal.value.close();
      namespace.stdin.end();
      await once(namespace, 'exit');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Claude Code asks on its first start, and in each new folder; here everything has been answered. */
function skipWelcome(configDir: string, folder: string): void {
  const path = join(configDir, '.claude.json');
  const config = (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}) as {
    projects?: Record<string, object>;
  };
  const projects = {
    ...config.projects,
    [folder]: { ...config.projects?.[folder], hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true },
  };
  const answers = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: claudeVersion(),
    theme: 'dark',
    customApiKeyResponses: { approved: [API_KEY], rejected: [] },
  };
  writeFileSync(path, JSON.stringify({ ...config, ...answers, projects }));
}

async function openTerminal(
  tmux: (words: readonly string[]) => Promise<Run>,
  name: string,
  command: readonly string[],
): Promise<Terminal> {
  const server = ['-L', name, '-f', '/dev/null'];
  const line = `${command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}; echo "EXIT=$?"; sleep 600`;
  const started = await tmux([...server, 'new-session', '-d', '-s', 'main', '-x', '120', '-y', '40', line]);
  if (started.code !== 0) throw new Error(`tmux: ${started.stderr}`);
  const group = Number((await tmux([...server, 'display-message', '-p', '-t', 'main', '#{pane_pid}'])).stdout);
  const keys = async (...words: string[]): Promise<void> =>
    void (await tmux([...server, 'send-keys', '-t', 'main', ...words]));
  return {
    shows: async (pattern) => {
      for (let until = Date.now() + 30_000, screen = ''; ; await pause()) {
        screen = (await tmux([...server, 'capture-pane', '-p', '-t', 'main'])).stdout;
        if (pattern.test(screen)) return screen;
        if (Date.now() > until) throw new Error(`the screen never showed ${String(pattern)}:\n${screen}`);
      }
    },
    type: (text) => keys('-l', '--', text),
    press: (...names) => keys(...names),
    close: async () => {
      await tmux([...server, 'kill-server']);
      // A program may still write after the hang-up; the lab's folder is removed next.
      while (isRunning(-group)) await pause();
    },
  };
}

function pause(): Promise<void> {
  return new Promise((later) => void setTimeout(later, 100));
}

/** Returns true if the process exists, or with a negative number the process group. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends a process at once, as a crash would; fine when it is gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => void (resolve = done));
  return { promise, resolve };
}

/** The binary that `e2e-setup.ts` found, of the older version where a test runs that one. */
function claudeBinary(): string {
  const name = process.env['CCSESS_E2E_VERSION'] === 'older' ? 'CCSESS_E2E_CLAUDE_OLDER' : 'CCSESS_E2E_CLAUDE';
  const path = process.env[name];
  if (path === undefined || path === '') throw new Error(`${name} is not set`);
  return path;
}

let version: string | undefined;

/** The version of the Claude Code that the tests run. */
export function claudeVersion(): string {
  return (version ??= spawnSync(claudeBinary(), ['--version'], { encoding: 'utf8' }).stdout.split(' ')[0] ?? '');
}
