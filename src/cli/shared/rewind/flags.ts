import { quoted } from '../../../grammar/quoted.js';
import { CcsessError } from '../../../system/errors.js';
import type { Context } from '../../context.js';
import { readSession, type LastFlag, type SessionOption } from '../named-session.js';
import type { TrashFlags } from '../removal/trash-flags.js';

/** The flags of `rewind`, as typed. */
export interface RewindFlags extends TrashFlags, LastFlag {
  to?: string;
  file?: string[];
  outside?: boolean;
  toDir?: string;
  fork?: boolean;
  conversation?: boolean;
  undo?: string | true;
  force?: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

/** The options of a rewind. */
export interface RewindRequest extends SessionOption {
  /** The state to restore, by the number of a prompt or the uuid of a message. */
  to: string;
  /** With `none`, only the conversation is rewound, in a fork. */
  files: 'all' | 'none';
  /** Files as typed; empty for all. */
  names: readonly string[];
  /** Include files outside the session's folder, and hidden files directly in the home folder. */
  outside: boolean;
  /** A new folder for the files, as typed; null restores them in their own folders. */
  toDir: string | null;
  /** Also fork the session before the prompt. */
  fork: boolean;
  /** Rewind even if the session is live. */
  force: boolean;
  /** Do not ask for confirmation. */
  yes: boolean;
  /** Only print what would be done. */
  dryRun: boolean;
}

/** The options of an undo. The session may be omitted. */
export interface UndoRequest extends SessionOption, Pick<RewindRequest, 'outside' | 'force' | 'yes' | 'dryRun'> {
  /** Id of an undo copy; null for the last rewind. */
  undo: string | null;
}

/**
 * Reads the argument and flags of `rewind`. Throws USAGE for flags that cannot be combined, and if no state is given.
 */
export function readRewindFlags(
  name: string | undefined,
  flags: RewindFlags,
  { invocation }: Pick<Context, 'invocation'>,
): RewindRequest | UndoRequest {
  const { undo, to, file, toDir, fork = false, conversation = false } = flags;
  const common = {
    ...readSession(name, flags),
    outside: flags.outside === true,
    force: flags.force === true,
    yes: flags.yes === true,
    dryRun: flags.dryRun === true,
  };
  const given: readonly [string, boolean][] = [
    ['--to', to !== undefined],
    ['--file', file !== undefined],
    ['--to-dir', toDir !== undefined],
    ['--fork', fork],
    ['--conversation', conversation],
  ];
  const refuse = (flag: string, others: readonly string[]): void => {
    const other = given.find(([name, isGiven]) => isGiven && others.includes(name));
    if (other !== undefined) throw new CcsessError('USAGE', `${flag} and ${other[0]} cannot be combined.`);
  };
  if (undo !== undefined) {
    refuse('--undo', ['--to', '--file', '--to-dir', '--fork', '--conversation']);
    return { undo: undo === true ? null : undo, ...common };
  }
  if (to === undefined) {
    const listing = `${invocation} checkpoints${name === undefined ? '' : ` ${quoted(name)}`}`;
    const message = `missing state: pass --to <n> (a prompt listed by ${listing}), or --undo.`;
    throw new CcsessError('USAGE', message);
  }
  if (conversation) refuse('--conversation', ['--file', '--to-dir', '--fork']);
  if (toDir !== undefined) refuse('--to-dir', ['--fork']);
  if (toDir === '') throw new CcsessError('USAGE', '--to-dir needs a folder.');
  const files = conversation ? 'none' : 'all';
  return { to, files, names: file ?? [], toDir: toDir ?? null, fork: fork || conversation, ...common };
}
