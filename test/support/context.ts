import { Chalk, type ColorSupportLevel } from 'chalk';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import type { ClaudeLaunch } from '../../src/claude/launch.js';
import type { ConfigDir } from '../../src/claude/model.js';
import type { HostTerminal } from '../../src/tui/host.js';
import type { System } from '../../src/system/system.js';
import type { Context, Output, Questions } from '../../src/cli/context.js';
import { invocationOf, parseGlobals, type Globals } from '../../src/cli/globals.js';
import { runProgram } from '../../src/cli/program.js';
import type { SessionIndex } from '../../src/session-index/session-index.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { HOME, NOW } from './builders.js';

/** The environment a test runs a command in: by default stdout is a pipe without colour. */
export interface World {
  /** Columns of the terminal; without it stdout is a pipe. */
  terminal?: number;
  color?: ColorSupportLevel;
  env?: Record<string, string>;
  cwd?: string;
  home?: string;
  now?: number;
  /** Index to use; by default the real index of the config dirs is read, uncached. */
  index?: SessionIndex;
  configDirs?: readonly ConfigDir[];
  cacheDir?: string;
  /** Folder for what runs remember; by default nothing is remembered. */
  stateDir?: string;
  /**
   * Answers of the person at the terminal, in order (`confirm`: yes or no, `choose`: which one); without them nobody
   * can be asked.
   */
  answers?: readonly (boolean | number | string)[];
  /** The terminal that screens are drawn on; without it there is none. */
  screen?: HostTerminal;
  /** Content of standard input. */
  stdin?: string;
  /** The processes of the machine; without it none runs. */
  system?: System;
  /** Stands in for Claude Code; without it, starting Claude Code fails the test. */
  claude?: (launch: ClaudeLaunch, input: string | null) => { exitCode: number; stdout?: string };
}

/** A machine on which nothing runs. */
export const IDLE: System = {
  platform: 'linux',
  pidExists: () => false,
  startTime: () => null,
  startedAtMs: () => null,
  bootedAtMs: () => null,
  pidDomain: () => null,
  processes: () => [],
  transcriptsBeingWritten: () => new Set(),
};

/** Output and exit code of a run, in one value so that a test can compare all of it. */
export interface Outcome {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** A stream that keeps what is written. */
export class Recorder implements Output {
  text = '';
  constructor(readonly isTerminal: boolean) {}
  write(text: string): Promise<void> {
    this.text += text;
    return Promise.resolve();
  }
}

/** Everything a command needs, in memory. */
export interface TestContext {
  context: Context;
  stdout: Recorder;
  stderr: Recorder;
  exitCode(): number;
}

/** A context without a process. */
export function testContext(
  world: World = {},
  globals: Globals = parseGlobals([]),
  streams: Streams = recorders(world),
): TestContext {
  const { terminal, env = {}, home = HOME, cwd = home, now = NOW, index, system = IDLE, claude = notStarted } = world;
  const { stdout, stderr } = streams;
  const configDirs = world.configDirs ?? resolveConfigDirs({ explicit: globals.configDirs, env, home, cwd });
  let exitCode = 0;
  const context: Context = {
    stdout,
    stderr,
    system,
    questions: () => Promise.resolve(world.answers === undefined ? null : answering(world.answers, stderr)),
    terminal: () => Promise.resolve(world.screen ?? null),
    readStdin: () => Promise.resolve(world.stdin ?? ''),
    readInput: (limit) => Promise.resolve(world.stdin?.slice(0, limit) ?? null),
    env,
    cwd,
    home,
    now: () => now,
    width: terminal ?? 80,
    height: 24,
    color: new Chalk({ level: world.color ?? 0 }),
    global: globals.options,
    invocation: invocationOf(globals),
    commandName: '',
    configDirs,
    stateDir: world.stateDir ?? null,
    cacheDir: world.cacheDir ?? `${home}/.cache/ccsess`,
    passthrough: globals.passthrough,
    openIndex: (options) =>
      index === undefined
        ? openSessionIndex({ configDirs, cacheDir: null, now: () => now, system, ...options })
        : Promise.resolve(index),
    pick: async (request, terminal) =>
      (await import('../../src/cli/picker/open-picker.js')).openPicker(request, terminal, context),
    runClaude: async (launch) => claude(launch, null).exitCode,
    askClaude: async (launch, input) => ({ stdout: '', ...claude(launch, input) }),
    async page(chunks) {
      for await (const chunk of chunks) await stdout.write(chunk);
    },
    setExitCode: (code) => void (exitCode = code),
  };
  return { context, stdout, stderr, exitCode: () => exitCode };
}

function notStarted({ program, args }: ClaudeLaunch): never {
  throw new Error(`started unexpectedly: ${[program, ...args].join(' ')}`);
}

/** Runs a command line as users type it, less `ccsess`. */
export async function run(argv: readonly string[], world: World = {}): Promise<Outcome> {
  const streams = recorders(world);
  const exitCode = await runProgram(argv, {
    ...streams,
    width: world.terminal ?? 80,
    makeContext: (globals, setExitCode) =>
      Promise.resolve({ ...testContext(world, globals, streams).context, setExitCode }),
  });
  return { stdout: streams.stdout.text, stderr: streams.stderr.text, exitCode };
}

/** Writes each question to stderr, as a terminal would, and gives the next answer; throws if none is left. */
function answering(answers: readonly (boolean | number | string)[], stderr: Recorder): Questions {
  const left = [...answers];
  const next = (question: string): boolean | number | string => {
    stderr.text += `${question}\n`;
    const answer = left.shift();
    if (answer === undefined) throw new Error(`asked unexpectedly: ${question}`);
    return answer;
  };
  return {
    confirm: (question) => Promise.resolve(next(`${question} [y/N]`) === true),
    ask: (question) => Promise.resolve(String(next(question))),
    choose: (question, choices) =>
      Promise.resolve(
        choices[Number(next([question, ...choices.map(({ label }) => `  ${label}`)].join('\n')))]?.value ?? null,
      ),
  };
}

interface Streams {
  stdout: Recorder;
  stderr: Recorder;
}

function recorders({ terminal }: World): Streams {
  return { stdout: new Recorder(terminal !== undefined), stderr: new Recorder(terminal !== undefined) };
}
