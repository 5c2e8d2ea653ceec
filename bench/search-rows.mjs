// Compares a search for a text that occurs nowhere with grep and ripgrep: all of them have to read everything.
import { removeFilters } from './index-files.mjs';

const MiB = 1024 * 1024;
/** A text that no corpus holds. */
const ABSENT = 'zqxj_not_there_7731';

/** Rows like those of `rowsFor`. */
export function searchRows({ ccsess, projects, cacheDir, hasRipgrep }) {
  const rg = hasRipgrep ? (...args) => noneFound('rg', ...args, ABSENT, projects) : null;
  const search = (...args) => ccsess('search', ABSENT, '-l', ...args);
  const first = { before: () => removeFilters(cacheDir), memory: { must: 150 * MiB, aim: 150 * MiB }, pairs: 5 };
  return [
    {
      ...first,
      job: '`search`, first time',
      than: '`rg -lF`',
      ours: search(),
      theirs: [rg?.('-lF')],
      must: 1.5,
      aim: 1.2,
    },
    {
      ...first,
      job: '`search`, first time',
      than: '`grep -rlF`',
      ours: search(),
      theirs: [noneFound('grep', '-rlF', ABSENT, projects)],
      must: null,
      aim: null,
    },
    {
      ...first,
      job: '`search -i`, first time',
      than: '`rg -il`',
      ours: search('-i'),
      theirs: [rg?.('-il')],
      must: 2,
      aim: 1.5,
    },
    {
      job: '`search`, again',
      than: '`rg -lF`',
      ours: search(),
      theirs: [rg?.('-lF')],
      must: 0.35,
      aim: 0.12,
      memory: { must: 150 * MiB, aim: 150 * MiB },
      pairs: 9,
    },
  ];
}

/** A command whose exit code 1 means that it found nothing, not that it failed. */
function noneFound(program, ...args) {
  return ['sh', '-c', '"$0" "$@" || [ $? = 1 ]', program, ...args];
}
