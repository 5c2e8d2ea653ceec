import { existsSync } from 'node:fs';
import { Chalk } from 'chalk';
import { resolveConfigDirs } from '../claude/config-dir.js';
import { CcsessError } from '../system/errors.js';
import { isFolder, statOrNull } from '../system/stat.js';
import type { ConfigDir } from '../claude/model.js';
import { currentFolder, homeFolder, localSystem } from '../system/system.js';
import { cacheFolder, isInMissingHome } from '../session-index/cache-dir.js';
import type { SessionIndex } from '../session-index/session-index.js';
import { colorLevel, isInteractive } from './terminal/color.js';
import type { Context, Output } from './context.js';
import { invocationOf, type Globals } from './globals.js';
import { startProgress } from './terminal/progress.js';
import { Rejections } from './terminal/rejections.js';
import { stateFolder } from './state-dir.js';
import { tuneFor } from './tune.js';

/** The streams of a run and the size of its terminal. */
export interface Streams {
  stdout: Output;
  stderr: Output;
  width: number;
  height: number;
}

/** Returns the context of a real run. Throws a usage error for a missing `--config-dir`, and as `homeFolder`. */
export function makeContext(
  globals: Globals,
  streams: Streams,
  env: Context['env'],
  setExitCode: (code: number) => void,
): Context {
  const home = homeFolder();
  const cwd = currentFolder(env, home);
  const configDirs = resolveConfigDirs({ explicit: globals.configDirs, env, home, cwd });
  if (globals.configDirs.length > 0) configDirs.forEach(requireFolder);
  else configDirs.forEach(refuseFile);
  const cacheDir = cacheFolder(env, home);
  const cache = globals.options.cache && !isInMissingHome(cacheDir, home);
  const stateDir = stateFolder(env, home);
  const interactive = isInteractive(env);
  const { stdout, stderr } = streams;
  const now = (): number => Date.now();
  const system = localSystem();
  const context: Context = {
    ...streams,
    env,
    cwd,
    home,
    now,
    system,
    color: new Chalk({ level: colorLevel(globals.color, env, stdout.isTerminal) }),
    global: { ...globals.options, cache },
    configDirs,
    cacheDir,
    stateDir: isInMissingHome(stateDir, home) ? null : stateDir,
    passthrough: globals.passthrough,
    invocation: invocationOf(globals),
    commandName: '',
    setExitCode,
    openIndex: (options) => openIndex(options, { globals, interactive, stderr }, context),
    ...terminalServices(globals, interactive, stderr, env),
    async pick(request, terminal) {
      const { openPicker } = await import('./picker/open-picker.js');
      return openPicker(request, terminal, context);
    },
    ...inputServices(),
    ...claudeServices(env),
    page: (chunks, wanted) => printPage(chunks, wanted, { stdout, interactive, env }),
  };
  return context;
}

/** Opens the index, shows progress meanwhile, and with `--debug` prints why index files were not used. */
async function openIndex(
  { isQuiet = false, ...options }: NonNullable<Parameters<Context['openIndex']>[0]> = {},
  { globals, interactive, stderr }: { globals: Globals; interactive: boolean; stderr: Output },
  { configDirs, cacheDir, global, now, system }: Context,
): Promise<SessionIndex> {
  const { openSessionIndex } = await import('../session-index/open.js');
  const progress = isQuiet ? null : startProgress(stderr, now, interactive);
  const rejections = new Rejections();
  try {
    return await openSessionIndex({
      configDirs,
      cacheDir: global.cache ? cacheDir : null,
      now,
      system,
      ...options,
      onRejected: rejections.add,
      onProgress(done, total) {
        tuneFor(total);
        progress?.report(done, total);
      },
    });
  } finally {
    await progress?.end();
    if (globals.options.debug) await rejections.write(stderr);
  }
}

/** Returns questions and screens for a person at the terminal; both are null if there is none. */
function terminalServices(
  globals: Globals,
  interactive: boolean,
  stderr: Output,
  env: Context['env'],
): Pick<Context, 'questions' | 'terminal'> {
  const isPresent = stderr.isTerminal && interactive;
  return {
    async questions() {
      if (!isPresent) return null;
      const { terminalQuestions } = await import('./terminal/questions.js');
      return terminalQuestions();
    },
    async terminal() {
      if (!isPresent) return null;
      const { processTerminal } = await import('./terminal/process-terminal.js');
      return processTerminal(colorLevel(globals.color, env, true));
    },
  };
}

function inputServices(): Pick<Context, 'readStdin' | 'readInput'> {
  return {
    async readStdin() {
      const { text } = await import('node:stream/consumers');
      return text(process.stdin);
    },
    async readInput(limit) {
      const { readInput } = await import('./terminal/stdin.js');
      return readInput(limit);
    },
  };
}

function claudeServices(env: Context['env']): Pick<Context, 'runClaude' | 'askClaude'> {
  return {
    async runClaude(launch) {
      const { runClaude } = await import('./shared/run-claude.js');
      return runClaude(launch, env);
    },
    async askClaude(launch, input) {
      const { askClaude } = await import('./shared/run-claude.js');
      return askClaude(launch, env, input);
    },
  };
}

/** Shows a page in a pager on a terminal, if one is wanted; else prints it. */
async function printPage(
  chunks: AsyncIterable<string>,
  wanted: string | undefined,
  { stdout, interactive, env }: { stdout: Output; interactive: boolean; env: Context['env'] },
): Promise<void> {
  if (stdout.isTerminal && interactive) {
    const { page, pagerCommand } = await import('./terminal/pager.js');
    const command = pagerCommand(wanted === undefined ? env : { ...env, CCSESS_PAGER: wanted });
    if (command !== null) return page(command, chunks, env);
  }
  for await (const chunk of chunks) await stdout.write(chunk);
}

/** Refuses a file as `CLAUDE_CONFIG_DIR`. A missing folder is accepted, since Claude Code creates it. */
function refuseFile({ path, explicit }: ConfigDir): void {
  if (explicit && existsSync(path) && !isFolder(path))
    throw new CcsessError('USAGE', `CLAUDE_CONFIG_DIR=${path}: not a folder.`);
}

/** Refuses a missing folder, so that a typing error in a script does not look like an empty config dir. */
function requireFolder({ path }: ConfigDir): void {
  if (isFolder(path)) return;
  throw new CcsessError(
    'USAGE',
    `--config-dir ${path}: ${statOrNull(path) === null ? 'no such folder' : 'not a folder'}.`,
  );
}
