import type { LineEditor } from '../../tui/line-editor.js';
import type { Row } from '../../tui/frame/style.js';
import type { Order, Scope } from './find/catalog.js';
import type { Entry, Hit } from './find/entry.js';
import type { KeyMap } from './keys/key-map.js';
import type { Section } from './find/sections.js';

/** The part that handles keys: the list, or what was opened over it. */
export type Mode =
  | { kind: 'list' }
  | { kind: 'help'; filter: LineEditor; top: number }
  /** A question that `y` or Enter answers with yes, in forms of falling length. */
  | { kind: 'confirm'; question: readonly string[]; onYes: () => void }
  /** A text to be typed; the hint follows the label if there is room. */
  | { kind: 'input'; label: string; hint: string; line: LineEditor; onDone: (text: string) => void };

/** The result of the last action, at the bottom of the screen until the next key. */
export interface Status {
  text: string;
  /** The key that undoes a change; follows the text. */
  hint?: string;
  isError: boolean;
}

/** The end of a session's conversation, and what is said about the session above it. */
export interface Preview {
  heading: readonly Row[];
  conversation: readonly Row[];
}

/** Everything that a frame of the picker shows. */
export interface PickerState {
  /** The command that opened the picker, for example `rm`; empty for `ccsess` alone. */
  name: string;
  /** The effect of Enter, in one or two words. */
  verb: string;
  canChange: boolean;
  /** Enter takes several sessions. */
  several: boolean;
  keyMap: KeyMap;
  query: LineEditor;
  words: readonly string[];
  mode: Mode;
  status: Status | null;
  scope: Scope;
  /** The current folder, as sessions record it. */
  folder: string;
  /** Sessions outside the scope that wait for a person. */
  waitingElsewhere: number;
  order: Order;
  isAll: boolean;
  /** The git branch that the list is limited to; null for all. */
  branch: string | null;
  isPreviewOn: boolean;
  /** The screen has room for a preview. */
  isPreviewPossible: boolean;
  /** Sessions found, in the order of the sections. */
  entries: readonly Entry[];
  sections: readonly Section[];
  /** Sessions in the scope. */
  total: number;
  /** True while not all sessions have been read. */
  isReading: boolean;
  selected: number;
  /** First line of the list on the screen. */
  top: number;
  marks: ReadonlySet<Entry>;
  /** Sessions found by their contents. */
  hits: ReadonlyMap<Entry, Hit>;
  /** Contents or misspelt words are being searched. */
  isSearching: boolean;
  /** The end of the selected session's conversation; null until it was read. */
  preview: Preview | null;
  now: number;
}
