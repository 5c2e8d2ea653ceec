import type { ColorDepth } from '../../tui/frame/style.js';
import type { Catalog, Order, Scope } from './find/catalog.js';
import type { Entry, Hit } from './find/entry.js';
import type { UserCommand } from './keys/key-map.js';
import type { Preview } from './state.js';

/** Changes of sessions that the picker makes. */
export type Change =
  /** A fork at the end, or after the prompt with this number. */
  | { kind: 'fork'; prompt?: number }
  | { kind: 'pin' | 'unpin' | 'archive' | 'unarchive' | 'trash' }
  | { kind: 'rename' | 'tag'; text: string };

/** The result of a change: a sentence, and how to undo it. */
export interface Changed {
  text: string;
  isError: boolean;
  /** Null if there is nothing to undo. */
  undo: (() => Promise<Changed>) | null;
  /** Path of the transcript to select afterwards. */
  select?: string;
}

/** How a reader left a conversation; `prompt`: the number of the prompt to fork at. */
export type Viewed =
  | { type: 'left' | 'interrupted' }
  | { type: 'fork'; prompt: number }
  /** The conversation could not be shown, for the reason in `text`. */
  | { type: 'failed'; text: string };

/** Services that the picker needs from the rest of ccsess. */
export interface PickerServices {
  colors: ColorDepth;
  home: string;
  now(): number;
  /** Reads the sessions again; `isFresh`: also those whose transcripts have not changed. */
  reload(isFresh: boolean): Promise<Catalog>;
  /** Calls `onChange` when a session becomes live, ends, waits or works. Returns a function that stops it. */
  watch(onChange: () => void): () => void;
  /** The git branch of the current folder; null if it has none. */
  branch(): string | null;
  /** Makes a change; a failure is returned as its result. */
  change(change: Change, entries: readonly Entry[]): Promise<Changed>;
  /** Computes the costs of sessions, in their order; null where a price is missing. */
  price(entries: readonly Entry[]): Promise<(number | null)[]>;
  /**
   * Searches the contents of sessions and reports each one that matches, until it is aborted by the signal. Other work
   * takes turns with it. Never rejects.
   */
  search(
    query: string,
    entries: readonly Entry[],
    onFound: (entry: Entry, hit: Hit) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Returns the end of the conversation with its heading. Never rejects. */
  preview(entry: Entry, width: number): Promise<Preview>;
  /** Shows the conversation over the picker, and resolves when the reader leaves it. */
  view(entry: Entry, canFork: boolean): Promise<Viewed>;
  /** Runs a command of the user in the terminal. Returns a sentence if it failed. */
  runCommand(command: UserCommand, entry: Entry): Promise<string | null>;
  copy(text: string): void;
  remember(choices: { scope: Scope; preview: boolean }): void;
}

/** Purpose of a picker, and its initial choices. */
export interface PickerOptions {
  name: string;
  verb: string;
  several: boolean;
  canChange: boolean;
  query: string;
  scope: Scope;
  order: Order;
  isPreviewOn: boolean;
}
