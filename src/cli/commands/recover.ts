import type { Command } from 'commander';
import { pendingIn } from '../../retention/recover.js';
import type { Context } from '../context.js';
import { recoverNow } from '../recover-first.js';
import { toJson } from '../render/json.js';
import { recoveredLine, trashedName } from '../render/trash.js';
import { addTrashFlags, readTrashFlags, type TrashFlags } from '../trash-flags.js';

/** The flags of `recover`, as written. */
export interface RecoverFlags extends TrashFlags {
  dryRun?: boolean;
}

/** `ccsess recover`: puts right what a killed run left half done. */
export function define(command: Command, context: Context): void {
  addTrashFlags(command)
    .option('-n, --dry-run', 'say what is half done, and do nothing')
    .action((flags: RecoverFlags) => recover(flags, context));
}

/** Finishes or rolls back what was interrupted, and prints what became of each session. Exit code 3 if some are still half moved. */
export async function recover(flags: RecoverFlags, context: Context): Promise<void> {
  const options = await readTrashFlags(flags, context);
  const { stdout, global } = context;
  if (flags.dryRun === true) {
    const pending = pendingIn(options, context);
    if (global.json) return stdout.write(`${toJson(pending.map(({ session: { id, configDir, projectDir, title }, state }) => ({ id, configDir, projectDir, title, state })), stdout.isTerminal)}\n`);
    const lines = pending.map(({ session, state }) => `${trashedName(session)} is half moved (${state}).\n`);
    return stdout.write(lines.length === 0 ? 'Nothing to recover.\n' : lines.join(''));
  }
  const recovered = await recoverNow(options, context);
  if (recovered.some(({ outcome }) => outcome === 'failed')) context.setExitCode(3);
  if (global.json) return stdout.write(`${toJson(recovered, stdout.isTerminal)}\n`);
  await stdout.write(recovered.length === 0 ? 'Nothing to recover.\n' : recovered.map((one) => `${recoveredLine(one)}\n`).join(''));
}
