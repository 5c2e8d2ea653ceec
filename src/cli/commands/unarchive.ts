import type { Command } from 'commander';
import { defineArchiving } from '../shared/archiving.js';
import type { Context } from '../context.js';

/** `ccsess unarchive`: back into the plain list. */
export function define(command: Command, context: Context): void {
  defineArchiving(false, command, context);
}
