/**
 * Faults that no test can notice, by the source line they are put into: `change` as the report prints it, and the
 * reason. An entry that no longer fits any source is reported.
 */
export const EQUIVALENT = [
  {
    path: 'src/transcript/append.ts',
    source: 'const last = Buffer.alloc(1);',
    change: '1 → (1 + 1)',
    reason: 'one byte is read, and the first one compared',
  },
  ...[
    [
      'src/retention/plan/forks.ts',
      'for (const { id, forkedFrom } of this.#index.records(rows, { footprint: false })) {',
    ],
    [
      'src/retention/plan/summary/shares.ts',
      'const cwd = this.#index.records([row], { footprint: false })[0]?.cwd ?? null;',
    ],
    ['src/retention/keep/continuation.ts', 'const records = index.records(near, { footprint: false });'],
  ].map(([path, source]) => ({
    path,
    source,
    change: 'false → true',
    reason: 'the figure is not read; only the time that it takes and the sums in the cache differ',
  })),
  {
    path: 'src/sessions/move/tool-results.ts',
    source: 'if (held > BATCH_BYTES) flush();',
    change: '> → >=',
    reason: 'the bound of a batch: the same bytes are written, in other portions',
  },
  ...["'older-than'", "'larger-than'", "'prompts-at-most'", 'empty', 'orphan', 'budget', 'named'].map((code) => ({
    path: 'src/retention/plan/plan-file.ts',
    source: `${code}: true,`,
    change: 'true → false',
    reason: 'a list of names that the compiler checks: the values are not read',
  })),
  {
    path: 'src/retention/replaced.ts',
    source: 'for (let waitedMs = 0; ; waitedMs += POLL_MS) {',
    change: '0 → (0 + 1)',
    reason: 'the 26th look is the last one either way',
  },
  ...[
    { path: 'src/retention/plan/forks.ts', name: 'CHUNK', factors: ['256', '1024'] },
    { path: 'src/retention/restore/join-transcripts.ts', name: 'CHUNK_BYTES', factors: ['1024', '1024'] },
    { path: 'src/retention/restore/late-lines.ts', name: 'CHUNK_BYTES', factors: ['1024', '1024'] },
    { path: 'src/retention/trash/copy-tree.ts', name: 'CHUNK_BYTES', factors: ['1024', '1024'] },
    { path: 'src/sessions/move/tool-results.ts', name: 'BATCH_BYTES', factors: ['1024', '1024'] },
  ].flatMap(({ path, name, factors }) =>
    [...new Set(factors)].map((factor) => ({
      path,
      source: `const ${name} = ${factors.join(' * ')};`,
      change: `${factor} → (${factor} + 1)`,
      reason: 'the size of the portions in which a file is read or written: its bytes are the same',
    })),
  ),
  {
    path: 'src/retention/restore/late-lines.ts',
    source: 'quietMs = 0;',
    change: '0 → (0 + 1)',
    reason: 'ten polls follow either way',
  },
  ...[
    ['for (let from = 0; from < count; ) {', '< → <=', 'one more round, on no candidate'],
    [
      'while (end < count && sorted[end]?.ageMs === sorted[from]?.ageMs) end += 1;',
      '< → <=',
      'behind the last one there is no age, and so no equal one',
    ],
    [
      'if (ageMs === null || !Number.isInteger(ageMs)) return candidates.sort(byAge);',
      '=== → !==',
      'all are sorted in the slower way, to the same order',
    ],
    [
      'newest = Math.max(newest, ageMs);',
      'newest = Math.max(newest, ageMs); → dropped',
      'all are sorted in the slower way, to the same order',
    ],
    ...['&& → ||', '> → >='].map((change) => [
      'const known = isAgeAlone && days > 0 ? ofDays.get(days) : undefined;',
      change,
      'nothing is stored for other policies, nor for 0 days',
    ]),
    [
      'if (isAgeAlone && days > 0) ofDays.set(days, reasons);',
      'ofDays.set(days, reasons); → dropped',
      'equal reasons are made again for each session',
    ],
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/decide.ts', source, change, reason })),
  {
    path: 'src/retention/plan/survey/our-folders.ts',
    source: 'known.set(folder, { dev, ino, isOurs });',
    change: 'known.set(folder, { dev, ino, isOurs }); → dropped',
    reason: 'the path of a folder is resolved again for each session',
  },
];
