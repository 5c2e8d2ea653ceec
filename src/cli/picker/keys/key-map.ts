/** Actions of the picker that keys can be bound to. */
export const ACTIONS = [
  'accept',
  'leave',
  'up',
  'down',
  'page-up',
  'page-down',
  'first',
  'last',
  'scope',
  'worktrees',
  'branch',
  'view',
  'fork',
  'rename',
  'tag',
  'pin',
  'archive',
  'trash',
  'undo',
  'mark',
  'mark-all',
  'copy-id',
  'copy-path',
  'sort',
  'all',
  'preview',
  'reload',
  'help',
] as const;
export type Action = (typeof ACTIONS)[number];

/** An action with the keys it has by default, and the words for it. */
export interface Binding {
  action: Action;
  keys: readonly string[];
  /** One or two words at the bottom of the screen; null: only in the help. */
  short: string | null;
  /** One line of the help. */
  long: string;
  /** The action changes sessions: not offered where sessions are only chosen. */
  isChange?: boolean;
}

/** All actions, in the order of the help. */
export const BINDINGS: readonly Binding[] = [
  { action: 'accept', keys: ['enter'], short: 'choose', long: 'choose the session, or all marked ones' },
  { action: 'leave', keys: ['esc'], short: null, long: 'clear the filter, then leave (Ctrl-C leaves at once)' },
  { action: 'help', keys: ['f1'], short: 'all keys', long: 'this help (also ? while nothing is typed)' },
  { action: 'view', keys: ['ctrl-v', 'alt-enter'], short: 'view', long: 'show the conversation' },
  { action: 'fork', keys: ['ctrl-f'], short: 'fork', long: 'fork the session into a new one', isChange: true },
  { action: 'rename', keys: ['ctrl-r'], short: 'rename', long: "change the session's title", isChange: true },
  { action: 'pin', keys: ['ctrl-t'], short: 'pin', long: 'pin or unpin', isChange: true },
  { action: 'trash', keys: ['ctrl-d'], short: 'trash', long: 'move to the trash', isChange: true },
  { action: 'mark', keys: ['ctrl-space', 'insert'], short: 'mark', long: 'mark for the next action, and move down' },
  { action: 'copy-id', keys: ['ctrl-y'], short: 'copy id', long: 'copy the id' },
  { action: 'scope', keys: ['tab', 'ctrl-a'], short: null, long: 'this folder or all folders' },
  { action: 'worktrees', keys: ['ctrl-w'], short: null, long: 'with or without worktrees of this folder' },
  { action: 'branch', keys: ['ctrl-b'], short: null, long: 'the current git branch or all branches' },
  { action: 'preview', keys: ['ctrl-o'], short: 'preview', long: 'show or hide the preview' },
  { action: 'sort', keys: ['ctrl-s'], short: null, long: 'sort by activity, size or cost' },
  { action: 'all', keys: ['alt-i'], short: null, long: 'show or hide headless, archived and non-resumable sessions' },
  { action: 'archive', keys: ['ctrl-x'], short: 'archive', long: 'archive or unarchive', isChange: true },
  { action: 'tag', keys: ['alt-t'], short: null, long: "change the session's tag", isChange: true },
  { action: 'undo', keys: ['alt-u'], short: null, long: 'undo the last change', isChange: true },
  { action: 'mark-all', keys: ['alt-a'], short: null, long: 'mark all sessions shown, or none' },
  { action: 'copy-path', keys: ['alt-y'], short: null, long: "copy the transcript's path" },
  { action: 'up', keys: ['up', 'ctrl-p', 'ctrl-k'], short: null, long: 'previous session' },
  { action: 'down', keys: ['down', 'ctrl-n', 'ctrl-j'], short: null, long: 'next session' },
  { action: 'page-up', keys: ['page-up'], short: null, long: 'a page up' },
  { action: 'page-down', keys: ['page-down'], short: null, long: 'a page down' },
  { action: 'first', keys: ['ctrl-home', 'alt-<'], short: null, long: 'first session' },
  { action: 'last', keys: ['ctrl-end', 'alt->'], short: null, long: 'last session' },
  { action: 'reload', keys: ['ctrl-l', 'f5'], short: null, long: 'read the sessions again' },
];

/** A command of the user on a key. */
export interface UserCommand {
  key: string;
  label: string;
  /** Program and arguments, with `{id}`, `{path}` and `{cwd}` in them. */
  run: readonly string[];
}

/** Keys in use: those of actions, and the user's commands. */
export interface KeyMap {
  keysOf(action: Action): readonly string[];
  actionOf(key: string): Action | null;
  commands: readonly UserCommand[];
}

/** Returns the default keys with those that the configuration changes; a key it gives away is taken from its action. */
export function keyMapOf(
  changed: ReadonlyMap<Action, readonly string[]> = new Map(),
  commands: readonly UserCommand[] = [],
): KeyMap {
  const taken = new Set([...[...changed.values()].flat(), ...commands.map(({ key }) => key)]);
  const keys = new Map(
    BINDINGS.map(({ action, keys: defaults }) => [
      action,
      changed.get(action) ?? defaults.filter((key) => !taken.has(key)),
    ]),
  );
  const actions = new Map([...keys].flatMap(([action, own]) => own.map((key) => [key, action] as const)));
  return {
    keysOf: (action) => keys.get(action) ?? [],
    actionOf: (key) => actions.get(key) ?? null,
    commands,
  };
}

/** A key as people write it: `^F`, `M-u` and the like are spelt `^f`, `alt-u`. */
export function keyLabel(key: string): string {
  return /^ctrl-[a-z]$/.test(key) ? `^${key.slice(5)}` : key.replace(/^ctrl-/, '^').replace(/^f(\d+)$/, 'F$1');
}
