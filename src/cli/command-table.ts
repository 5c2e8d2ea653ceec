import type { CommandModule } from './command.js';

/** A command with its line in `ccsess --help` and its module. */
export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  /** One line, without a capital and a full stop. */
  summary: string;
  /** Heading under which help lists the command. */
  group: string;
  /** True if the command starts Claude Code with the words after `--`; for other commands they are arguments. */
  startsClaude?: true;
  load: () => Promise<CommandModule>;
}

const INSPECT = 'Inspect:';
const USAGE = 'Usage:';
const START = 'Start and resume:';
const EDIT = 'Edit:';
const FILES = 'Files:';
const CLEAN_UP = 'Clean up:';
const MAINTENANCE = 'Maintenance:';

/** All commands in the order of `ccsess --help`. A command is imported only when it runs. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    aliases: ['ls'],
    summary: 'list sessions, newest activity first',
    group: INSPECT,
    load: () => import('./commands/list.js'),
  },
  {
    name: 'pick',
    summary: 'choose sessions interactively and print their ids',
    group: INSPECT,
    load: () => import('./commands/pick.js'),
  },
  {
    name: 'show',
    summary: 'show a session and its conversation',
    group: INSPECT,
    load: () => import('./commands/show.js'),
  },
  {
    name: 'search',
    summary: 'search what was said and done in sessions',
    group: INSPECT,
    load: () => import('./commands/search.js'),
  },
  {
    name: 'path',
    summary: "print the path of a session's transcript",
    group: INSPECT,
    load: () => import('./commands/path.js'),
  },
  {
    name: 'current',
    summary: 'print the id of the session open in this shell or folder',
    group: INSPECT,
    load: () => import('./commands/current.js'),
  },
  {
    name: 'statusline',
    summary: "print a line for Claude Code's status line",
    group: INSPECT,
    load: () => import('./commands/statusline.js'),
  },
  {
    name: 'projects',
    summary: 'list projects with their sessions, activity and size',
    group: INSPECT,
    load: () => import('./commands/projects.js'),
  },
  {
    name: 'files',
    summary: "list or print the files that a session's tools touched",
    group: INSPECT,
    load: () => import('./commands/files.js'),
  },
  {
    name: 'prompts',
    summary: 'list the prompts of all sessions, newest first',
    group: INSPECT,
    load: () => import('./commands/prompts.js'),
  },
  {
    name: 'log',
    summary: 'show what was done in a span of time, by project',
    group: INSPECT,
    load: () => import('./commands/log.js'),
  },
  {
    name: 'stats',
    summary: 'count tokens, cost and disk use',
    group: USAGE,
    load: () => import('./commands/stats.js'),
  },
  {
    name: 'create',
    summary: 'create an empty session before its first message',
    group: START,
    startsClaude: true,
    load: () => import('./commands/create.js'),
  },
  {
    name: 'resume',
    summary: 'resume a session from any directory',
    group: START,
    startsClaude: true,
    load: () => import('./commands/resume.js'),
  },
  {
    name: 'reopen',
    summary: 'resume a session that a crash or reboot ended',
    group: START,
    load: () => import('./commands/reopen.js'),
  },
  {
    name: 'fork',
    summary: 'fork a session into a new one',
    group: START,
    startsClaude: true,
    load: () => import('./commands/fork.js'),
  },
  {
    name: 'rename',
    summary: "set or remove a session's title",
    group: EDIT,
    load: () => import('./commands/rename.js'),
  },
  {
    name: 'tag',
    summary: "set, remove or print a session's tag",
    group: EDIT,
    load: () => import('./commands/tag.js'),
  },
  {
    name: 'archive',
    summary: 'hide sessions from the list',
    group: EDIT,
    load: () => import('./commands/archive.js'),
  },
  {
    name: 'unarchive',
    summary: 'show archived sessions in the list again',
    group: EDIT,
    load: () => import('./commands/unarchive.js'),
  },
  {
    name: 'move',
    summary: 'move sessions after their folder was moved or renamed',
    group: EDIT,
    load: () => import('./commands/move.js'),
  },
  {
    name: 'checkpoints',
    summary: 'list the file states a session can be rewound to',
    group: FILES,
    load: () => import('./commands/checkpoints.js'),
  },
  {
    name: 'rewind',
    summary: 'restore files as they were before a prompt',
    group: FILES,
    load: () => import('./commands/rewind.js'),
  },
  {
    name: 'prune',
    summary: 'move old, large or empty sessions to the trash',
    group: CLEAN_UP,
    load: () => import('./commands/prune.js'),
  },
  { name: 'rm', summary: 'move named sessions to the trash', group: CLEAN_UP, load: () => import('./commands/rm.js') },
  {
    name: 'restore',
    summary: 'restore sessions from the trash',
    group: CLEAN_UP,
    load: () => import('./commands/restore.js'),
  },
  {
    name: 'trash',
    summary: 'list, show or empty the trash',
    group: CLEAN_UP,
    load: () => import('./commands/trash.js'),
  },
  {
    name: 'forecast',
    summary: "list sessions that Claude Code's cleanup will delete",
    group: CLEAN_UP,
    load: () => import('./commands/forecast.js'),
  },
  {
    name: 'protect',
    summary: "delay Claude Code's cleanup of sessions",
    group: CLEAN_UP,
    load: () => import('./commands/protect.js'),
  },
  {
    name: 'pin',
    summary: "protect sessions from prune and from Claude Code's cleanup",
    group: CLEAN_UP,
    load: () => import('./commands/pin.js'),
  },
  {
    name: 'unpin',
    summary: 'stop protecting pinned sessions',
    group: CLEAN_UP,
    load: () => import('./commands/unpin.js'),
  },
  {
    name: 'recover',
    summary: 'finish or roll back an interrupted run',
    group: MAINTENANCE,
    load: () => import('./commands/recover.js'),
  },
  {
    name: 'index',
    summary: 'show or clear the session index',
    group: MAINTENANCE,
    load: () => import('./commands/index.js'),
  },
];
