import { CcsessError } from '../../../system/errors.js';
import type { SessionRow } from '../../../session-index/session-index.js';
import type { Context, Output, Questions } from '../../context.js';
import { counted } from '../../render/text/number.js';
import { oneLine } from '../../render/text/sanitize.js';
import type { EditOptions } from '../../shared/changed.js';
import type { DryRunSessions } from '../../shared/keep-output.js';
import type { SessionOption } from '../../shared/named-session.js';
import type { Entry } from '../find/entry.js';
import type { Change, Changed } from '../services.js';
import { shortId } from '../../../claude/layout.js';

/** Runs a command for the picker, on sessions given by path, with its output kept off the screen. */
type Run = (context: Context) => Promise<void>;

/** Makes a change by the command of that name, with all its rules. A failure is returned as a sentence. */
export async function makeChange(change: Change, entries: readonly Entry[], context: Context): Promise<Changed> {
  const result = await make(change, entries, context);
  // The commands were given sessions by path, and their sentences would be too long with paths in them.
  const shortened = entries.reduce(
    (text, { row: { file } }) => text.replaceAll(file.path, shortId(file.id)),
    result.text,
  );
  return { ...result, text: shortened };
}

async function make(change: Change, entries: readonly Entry[], context: Context): Promise<Changed> {
  const [first] = entries;
  if (first === undefined) return { text: 'No session was selected.', isError: true, undo: null };
  switch (change.kind) {
    case 'pin':
    case 'unpin':
      return changed(
        change,
        entries,
        undoOf({ kind: change.kind === 'pin' ? 'unpin' : 'pin' }, entries, context),
        context,
      );
    case 'archive':
    case 'unarchive':
      return changed(
        change,
        entries,
        undoOf({ kind: change.kind === 'archive' ? 'unarchive' : 'archive' }, entries, context),
        context,
      );
    case 'rename':
    case 'tag': {
      const before = change.kind === 'tag' ? (first.text?.tag ?? '') : givenTitle(first);
      if (change.text === before) return { text: 'Nothing was changed.', isError: false, undo: null };
      return changed(change, entries, undoOf({ kind: change.kind, text: before }, entries, context), context);
    }
    case 'trash': {
      const ids = entries.map(({ row }) => row.file.id);
      const undo = async (): Promise<Changed> => {
        const { readRestoreOptions, runRestore } = await import('../../commands/restore.js');
        const run: Run = async (inner) => runRestore(await readRestoreOptions(ids, {}, inner), inner);
        return runQuietly(run, context, null, summary('Restored', entries));
      };
      return changed(change, entries, undo, context);
    }
    case 'fork':
      return fork(first.row, change.prompt, context);
  }
}

async function changed(
  change: Exclude<Change, { kind: 'fork' }>,
  entries: readonly Entry[],
  undo: () => Promise<Changed>,
  context: Context,
): Promise<Changed> {
  const paths = entries.map(({ row }) => row.file.path);
  const run = await commandOf(change, paths);
  const several = change.kind === 'trash' ? 'Moved to the trash:' : null;
  const sentence = several === null ? null : summary(several, entries);
  return runQuietly(run, context, undo, sentence);
}

function undoOf(
  change: Exclude<Change, { kind: 'fork' }>,
  entries: readonly Entry[],
  context: Context,
): () => Promise<Changed> {
  return async () =>
    runQuietly(
      await commandOf(
        change,
        entries.map(({ row }) => row.file.path),
      ),
      context,
      null,
      null,
    );
}

/** Options of a command on one session, without flags. */
function onSession(path: string): SessionOption & EditOptions {
  return { name: path, last: false, touch: false, dryRun: false };
}

/** Options of a command on several sessions, without flags. */
function onSessions(paths: readonly string[]): DryRunSessions {
  return { names: paths, last: false, dryRun: false };
}

async function commandOf(change: Exclude<Change, { kind: 'fork' }>, paths: readonly string[]): Promise<Run> {
  const [path = ''] = paths;
  switch (change.kind) {
    case 'pin': {
      const { runPin } = await import('../../commands/pin.js');
      return (context) => runPin(onSessions(paths), context);
    }
    case 'unpin': {
      const { runUnpin } = await import('../../commands/unpin.js');
      return (context) => runUnpin(onSessions(paths), context);
    }
    case 'archive':
    case 'unarchive': {
      const { markArchived } = await import('../../shared/archiving.js');
      return (context) => markArchived(change.kind === 'archive', onSessions(paths), context);
    }
    case 'rename': {
      const { runRename } = await import('../../commands/rename.js');
      return (context) => runRename({ ...onSession(path), title: change.text === '' ? null : change.text }, context);
    }
    case 'tag': {
      const { runTag } = await import('../../commands/tag.js');
      return (context) => runTag({ ...onSession(path), tag: change.text === '' ? null : change.text }, context);
    }
    case 'trash': {
      const { readRmOptions, runRm } = await import('../../commands/rm.js');
      return async (context) => runRm(await readRmOptions(paths, { yes: true }, context), context);
    }
    default:
      return change satisfies never;
  }
}

async function fork({ file }: SessionRow, prompt: number | undefined, context: Context): Promise<Changed> {
  const { forkOptions, runFork } = await import('../../commands/fork.js');
  const output = new Kept(false);
  const options = forkOptions(file.path, prompt === undefined ? {} : { at: String(prompt) });
  const result = await runQuietly((inner) => runFork(options, { ...inner, stdout: output }), context, null, '');
  if (result.isError) return result;
  const id = output.text.trim();
  const transcript = file.path.replace(file.id, id);
  const undo = async (): Promise<Changed> => {
    const { readRmOptions, runRm } = await import('../../commands/rm.js');
    return runQuietly(
      async (inner) => runRm(await readRmOptions([id], { yes: true }, inner), inner),
      context,
      null,
      `Moved the fork ${shortId(id)} to the trash.`,
    );
  };
  return { text: `Forked as ${shortId(id)}.`, isError: false, undo, select: transcript };
}

/**
 * Runs a command and captures its output. The first sentence of the output is the result, unless another one is given.
 */
async function runQuietly(
  run: Run,
  context: Context,
  undo: (() => Promise<Changed>) | null,
  sentence: string | null,
): Promise<Changed> {
  const stdout = new Kept(true);
  const stderr = new Kept(false);
  let exitCode = 0;
  try {
    await run({
      ...context,
      stdout,
      stderr,
      global: { ...context.global, json: false },
      passthrough: [],
      openIndex: (options) => context.openIndex({ ...options, isQuiet: true }),
      // The picker has asked already.
      questions: () => Promise.resolve(ALWAYS_YES),
      setExitCode: (code) => void (exitCode = code),
    });
  } catch (error) {
    if (!(error instanceof CcsessError)) throw error;
    return { text: oneLine(error.message), isError: true, undo: null };
  }
  const problem = oneLine(stderr.text.split('\n')[0] ?? '').replace(/^ccsess: /, '');
  if (exitCode !== 0) return { text: problem, isError: true, undo };
  return { text: sentence ?? oneLine(stdout.text.split('\n')[0] ?? ''), isError: false, undo };
}

const ALWAYS_YES: Questions = {
  confirm: () => Promise.resolve(true),
  ask: () => Promise.resolve(null),
  choose: () => Promise.resolve(null),
};

/** Text that a command would have printed. */
class Kept implements Output {
  text = '';
  constructor(readonly isTerminal: boolean) {}
  write(text: string | Uint8Array): Promise<void> {
    this.text += typeof text === 'string' ? text : Buffer.from(text).toString();
    return Promise.resolve();
  }
}

function summary(verb: string, entries: readonly Entry[]): string {
  const [first] = entries;
  if (first !== undefined && entries.length === 1) {
    const title = first.text?.title ?? '';
    return `${verb} ${title === '' ? shortId(first.row.file.id) : `"${title}"`}.`;
  }
  return `${verb} ${counted(entries.length, 'session')}.`;
}

/** The title that somebody gave the session; empty if it has none. */
function givenTitle({ text }: Entry): string {
  return text === null || text.isPrompt ? '' : text.title;
}
