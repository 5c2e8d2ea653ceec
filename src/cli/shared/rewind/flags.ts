import { CcsessError } from '../../../system/errors.js';
import type { TrashFlags } from '../removal/trash-flags.js';

/** The flags of `rewind`, as written. */
export interface RewindFlags extends TrashFlags {
  last?: boolean;
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

/** A rewind that is asked for. */
export interface RewindRequest {
  to: string;
  /** `none`: only the conversation is rewound, in a fork. */
  files: 'all' | 'none';
  /** Files as they were named; empty for all. */
  names: readonly string[];
  outside: boolean;
  toDir: string | null;
  fork: boolean;
  force: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** An undo that is asked for; `undo` is an id, null for the last rewind. */
export interface UndoRequest extends Pick<RewindRequest, 'outside' | 'force' | 'yes' | 'dryRun'> {
  undo: string | null;
  last: boolean;
}

/** Reads the flags of `rewind`. Throws USAGE for those that cannot be combined, and without a state. */
export function readRewindFlags(flags: RewindFlags): RewindRequest | UndoRequest {
  const { undo, to, file, toDir, fork = false, conversation = false, last = false } = flags;
  const common = {
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
    return { undo: undo === true ? null : undo, last, ...common };
  }
  if (to === undefined) {
    const message = 'name a state: --to <n>, a prompt that ccsess checkpoints lists, or --undo.';
    throw new CcsessError('USAGE', message);
  }
  if (conversation) refuse('--conversation', ['--file', '--to-dir', '--fork']);
  if (toDir !== undefined) refuse('--to-dir', ['--fork']);
  if (toDir === '') throw new CcsessError('USAGE', '--to-dir: name a folder.');
  const files = conversation ? 'none' : 'all';
  return { to, files, names: file ?? [], toDir: toDir ?? null, fork: fork || conversation, ...common };
}
