/** Returns the value of a word; undefined for words that are not in the table, even for `constructor`. */
export function lookUp<Value>(words: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** Another word for a command, with the arguments it stands for. */
export interface Synonym {
  command: string;
  args: readonly string[];
}

const NO_ARGS: readonly string[] = [];

/** Words that run a command. Help does not list them. */
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

/** Ambiguous words, with the command line to type. They never run, since some would remove sessions. */
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
  session: 'ccsess list',
  history: 'ccsess prompts',
  ps: 'ccsess list --live',
  title: 'ccsess rename <session> <title>',
  cp: 'ccsess fork <session>',
  copy: 'ccsess fork <session>',
  clone: 'ccsess fork <session>',
  revert: 'ccsess rewind <session>',
  purge: 'ccsess prune --older-than 30d -n',
  cleanup: 'ccsess prune --older-than 30d -n',
  trashed: 'ccsess trash',
  'empty-trash': 'ccsess trash empty',
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
  '--last': '--since',
  '--page': '-L',
  '--all': '-a',
  '-o': '--json',
  '--no-color': '--color never',
};

/** Flags of other tools that mean something different in one command, as `FOREIGN_FLAGS`. */
export const COMMAND_FLAGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  list: { '--days': '--since', '--today': '--since today', '--cwd': '--project', '--dir': '--project' },
  show: { '--id': 'ccsess show <session>', '--page': '--at' },
  create: { '--project': '--cwd', '-p': '--cwd', '--dir': '--cwd', '--path': '--cwd' },
  rename: {
    '--title': 'ccsess rename <session> <title>',
    '--name': 'ccsess rename <session> <title>',
    '--to': 'ccsess rename <session> <title>',
  },
  tag: {
    '--add': 'ccsess tag <session> <tag>',
    '--set': 'ccsess tag <session> <tag>',
    '--remove': '--clear',
    '--delete': '--clear',
    '-d': '--clear',
  },
  archive: { '--off': 'ccsess unarchive <session>', '--undo': 'ccsess unarchive <session>' },
  pin: { '--off': 'ccsess unpin <session>', '--remove': 'ccsess unpin <session>' },
  path: { '--folder': '--dir', '--project': '--cwd' },
  stats: { '--day': '--by day', '--week': '--by week', '--month': '--by month', '--model': '--by model' },
  forecast: { '--days': '--within' },
  log: { '--today': '--since today', '--days': '--since' },
  prompts: { '--days': '--since' },
  search: { '--days': '--since' },
  rm: { '-f': '--yes', '-rf': '--yes', '-r': '--yes', '--all': 'ccsess prune --older-than <age>' },
  prune: { '--max-size': '--max-total', '--size': '--larger-than', '-f': '--yes' },
  restore: { '--all': '--last' },
  trash: { '--empty': 'ccsess trash empty', '--restore': 'ccsess restore <session>' },
};
