import type { Command } from 'commander';
import { defineArchiving } from '../shared/archiving.js';
import type { Context } from '../context.js';

/** `ccsess archive`: out of the plain list until their next prompt; nothing is removed. */
export function define(command: Command, context: Context): void {
  defineArchiving(true, command, context);
}
