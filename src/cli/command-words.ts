/** A word that people type for a command of another name, with the arguments it stands for. */
export interface Synonym {
  command: string;
  args: readonly string[];
}

const NO_ARGS: readonly string[] = [];

/** Words that run a command; help does not list them. */
export const SYNONYMS: Readonly<Record<string, Synonym>> = {
  remove: { command: 'rm', args: NO_ARGS },
  delete: { command: 'rm', args: NO_ARGS },
  cat: { command: 'show', args: NO_ARGS },
  view: { command: 'show', args: NO_ARGS },
  grep: { command: 'search', args: NO_ARGS },
  find: { command: 'search', args: NO_ARGS },
  info: { command: 'show', args: NO_ARGS },
  du: { command: 'stats', args: NO_ARGS },
  cost: { command: 'stats', args: NO_ARGS },
  usage: { command: 'stats', args: NO_ARGS },
  continue: { command: 'resume', args: ['--last'] },
};

/**
 * Words that could mean several things, with the command line to type. They never run: some of them remove sessions.
 */
export const REDIRECTIONS: Readonly<Record<string, string>> = {
  undo: 'ccsess restore @last-prune',
  clean: 'ccsess prune --older-than 30d -n',
  gc: 'ccsess prune --orphans -n',
  mv: 'ccsess move <old folder> <new folder>',
  branch: 'ccsess fork <session>',
  open: 'ccsess resume <session>',
  last: 'ccsess show --last',
  new: 'ccsess create',
  sessions: 'ccsess list',
  trashed: 'ccsess trash',
};

/** Flags of other tools, with the flag or argument of ccsess that does the same. */
export const FOREIGN_FLAGS: Readonly<Record<string, string>> = {
  '--format': '--json',
  '--output': '--json',
  '--search': 'ccsess search <query>',
  '--grep': 'ccsess search <query>',
  '--filter': 'ccsess list <text>',
  '--max': '-L',
  '--max-count': '-L',
  '-n': '-L',
  '-v': '-V',
  '--days': '--older-than',
  '--force': '--yes',
  '--keep': '--keep-last',
  '--name': '--title',
};
