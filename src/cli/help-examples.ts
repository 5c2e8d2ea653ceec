/** Two to five command lines per command, printed at the end of its help. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  list: [
    'ccsess list',
    'ccsess list -p . --since 7d',
    'ccsess list --sort size -L 10',
    'ccsess list --touched src/login.ts',
    "ccsess list --json | jq -r '.[].id'",
  ],
  pick: ['ccsess pick', 'id=$(ccsess pick login)', 'ccsess pick --sort size | xargs -r ccsess rm --yes'],
  show: [
    'ccsess show @1',
    'ccsess show 3f2a --at 12',
    "ccsess show 3f2a --pager 'less -R'",
    'ccsess show "Fix the login" --tools',
    'ccsess show 3f2a --jsonl | jq -r .text',
  ],
  search: [
    'ccsess search journal rename',
    'ccsess search \'"exact phrase"\' --since 7d -p .',
    "ccsess search '/rename\\(.*journal/i' --in tool,result",
    "ccsess search --engine re2 '/(\\w+\\.)+example/'",
    'ccsess search journal -l | xargs -n 1 ccsess show',
  ],
  path: ['ccsess path @1', 'less "$(ccsess path 3f2a)"', 'ccsess path 3f2a --all'],
  current: [
    'ccsess current',
    'ccsess show "$(ccsess current)"',
    "ccsess current --format '{id8} {title}'",
    'PS1=\'$(ccsess current --format "{id8} {title} " 2>/dev/null)\\$ \'',
  ],
  statusline: [
    'echo "$json" | ccsess statusline',
    'echo "$json" | ccsess statusline --format \'{model} {context} · {title} · {cost}\'',
  ],
  checkpoints: [
    'ccsess checkpoints 3f2a',
    'ccsess checkpoints 3f2a --at 12 --diff',
    'ccsess checkpoints 3f2a --diff 12..14 --file src/a.ts',
    'ccsess checkpoints --orphans --to-dir ./found',
  ],
  rewind: [
    'ccsess rewind 3f2a --to 12 -n',
    'ccsess rewind 3f2a --to 12 --file src/a.ts',
    'ccsess rewind 3f2a --to 12 --fork',
    'ccsess rewind --undo',
  ],
  projects: ['ccsess projects', 'ccsess projects --sort size -L 10'],
  files: [
    'ccsess files 3f2a',
    'ccsess files 3f2a src/a.ts',
    'ccsess files 3f2a src/a.ts --version 2',
    'ccsess files 3f2a src/a.ts --version 2 --out a.old.ts',
  ],
  prompts: [
    'ccsess prompts',
    'ccsess prompts --since 7d -p .',
    'ccsess prompts deploy staging -L 5',
    'ccsess prompts --json | jq -r \'.[] | select(.state == "undelivered") | .text\'',
  ],
  log: [
    'ccsess log',
    'ccsess log --since yesterday --md --redact | pbcopy',
    'ccsess log --since 7d -p . --reverse',
    "ccsess log --since 30d --json | jq -r '.projects[] | [.cwd, (.sessions | map(.costUsd // 0) | add)] | @tsv'",
  ],
  stats: ['ccsess stats', 'ccsess stats --by day --since 30d', 'ccsess stats --by project --csv > usage.csv'],
  create: [
    'ccsess create --title "Nightly report"',
    'ccsess create --cwd ~/work/etl --resume',
    'ccsess create --id 6f1c8c52-7d0e-4a3b-9f0e-2b1a7c9d4e10 --if-missing',
  ],
  resume: ['ccsess resume', 'ccsess resume 3f2a', 'ccsess resume --last', 'ccsess resume 3f2a -- --model opus'],
  reopen: ['ccsess reopen', 'ccsess reopen --print-command', "ccsess reopen --json | jq -r '.sessions[].command'"],
  fork: ['ccsess fork 3f2a', 'ccsess fork 3f2a --at 4 --resume', 'ccsess fork @1 --title "Second try" -n'],
  rename: ['ccsess rename 3f2a "Fix the login"', 'ccsess rename @1 --clear'],
  tag: ['ccsess tag 3f2a release', 'ccsess tag 3f2a', 'ccsess tag 3f2a --clear'],
  archive: ['ccsess archive 3f2a', 'ccsess archive @1 @2'],
  unarchive: ['ccsess list --archived', 'ccsess unarchive 3f2a'],
  move: [
    'ccsess move ~/old/app ~/new/app -n',
    'ccsess move ~/old/app ~/new/app',
    'ccsess move --session 3f2a ~/new/app',
  ],
  prune: [
    'ccsess prune --older-than 30d -n',
    'ccsess prune --empty --orphans',
    'ccsess prune --max-total 5GiB --keep-last 3 --yes -q',
    'ccsess prune --older-than 90d -n --json > plan.json && ccsess prune --apply plan.json',
  ],
  rm: ['ccsess rm 3f2a', 'ccsess rm 3f2a 9be0 --yes', 'ccsess rm 3f2a --permanent'],
  restore: ['ccsess restore 3f2a', 'ccsess restore @last-prune', 'ccsess restore 3f2a --to ~/other-config'],
  trash: ['ccsess trash', 'ccsess trash show 3f2a', 'ccsess trash empty --older-than 7d'],
  forecast: [
    'ccsess forecast',
    'ccsess forecast --within 14d',
    "ccsess forecast --json | jq -r '.sessions[].id' | xargs -r ccsess protect",
  ],
  protect: ['ccsess protect 3f2a', 'ccsess protect --pinned'],
  pin: ['ccsess pin 3f2a', 'ccsess list --pinned'],
  unpin: ['ccsess unpin 3f2a', 'ccsess unpin @1'],
  recover: ['ccsess recover -n', 'ccsess recover'],
  index: ['ccsess index', 'ccsess index clear'],
};

/** Returns the section "Examples" of a command's help, after an empty line. */
export function examplesOf(command: string): string {
  return ['', 'Examples:', ...(EXAMPLES[command] ?? []).map((line) => `  ${line}`), ''].join('\n');
}
