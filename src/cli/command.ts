import type { Command } from 'commander';
import type { Context } from './context.js';

/** The module of a command: adds its arguments, flags and action to a commander command. */
export interface CommandModule {
  define(command: Command, context: Context): void;
}

/** Collects the values of a repeatable flag, for commander's `option`. */
export function collectValues(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/**
 * Returns the long forms of the flags that were typed, without defaults. Must be called in an action of the command.
 */
export function typedFlags(command: Command): string[] {
  return command.options.flatMap((option) =>
    command.getOptionValueSource(option.attributeName()) === 'cli' ? [option.long ?? ''] : [],
  );
}
