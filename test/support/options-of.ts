import { Command } from 'commander';
import type { CommandModule } from '../../src/cli/command.js';
import { parseGlobals } from '../../src/cli/globals.js';
import { testContext, type World } from './context.js';

/** A function of a command that reads its arguments and flags. */
type Read<Options> = (...typed: never[]) => Options | Promise<Options>;

/**
 * Returns the options that a command is run with, for the words after its name. `define` declares them and `read`, the
 * command's own function, reads them; nothing is run.
 */
export async function optionsOf<Options>(
  { define }: CommandModule,
  read: Read<Options>,
  argv: readonly string[],
  world: World = {},
): Promise<Options> {
  const globals = parseGlobals(['command', ...argv]);
  const { context } = testContext(world, globals);
  const command = new Command().exitOverride();
  let typed: unknown[] = [];
  const action = command.action.bind(command);
  command.action = () => action((...given: unknown[]) => void (typed = given.slice(0, -1)));
  define(command, context);
  await command.parseAsync(globals.rest.slice(1), { from: 'user' });
  return read(...([...typed, context] as never[]));
}
