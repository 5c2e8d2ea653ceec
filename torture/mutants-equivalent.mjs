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
    ['src/sessions/move/plan.ts', 'const records = index.records(rows, { footprint: false });'],
    ['src/sessions/fork/fork.ts', 'const [parent] = index.records([row], { footprint: false });'],
  ].map(([path, source]) => ({
    path,
    source,
    change: 'false → true',
    reason: 'the figure is not read; only the time that it takes and the sums in the cache differ',
  })),
  ...[
    ['if (held > BATCH_BYTES) flush();', '> → >='],
    ['let held = 0;', '0 → (0 + 1)'],
    ['held = 0;', '0 → (0 + 1)'],
  ].map(([source, change]) => ({
    path: 'src/sessions/move/tool-results.ts',
    source,
    change,
    reason: 'the bound of a batch: the same bytes are written, in other portions',
  })),
  ...[
    ['for (const { message, node, entry } of messagesOf(fd, size, candidates, { brief: true })) {', 'true → false'],
    [
      "const candidates = nodes.filter((node) => isMessage(node) && node.type !== 'assistant' && !node.isToolResult);",
      '&& → ||',
    ],
  ].map(([source, change]) => ({
    path: 'src/sessions/fork/branch-up-to.ts',
    source,
    change,
    reason: 'more is read, in which there are no prompts',
  })),
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
    [
      'if (isShared && days > 0) ofDays.set(days, reasons);',
      'ofDays.set(days, reasons); → dropped',
      'equal reasons are made again for each session',
    ],
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/decide.ts', source, change, reason })),
  ...[
    [
      'oldest = Math.min(oldest, ageMs);',
      'oldest = Math.min(oldest, ageMs); → dropped',
      'all are sorted in the slower way, to the same order',
    ],
    [
      'if (!Number.isSafeInteger((newest - oldest + 1) * count)) return candidates.sort(byAge);',
      '1 → (1 + 1)',
      'a few more are sorted in the slower way, to the same order',
    ],
    ...['> → >=', '+ → -'].map((change) => [
      'if (end > from + 1) for (const one of sorted.slice(from, end).sort(byAge)) sorted[from++] = one;',
      change,
      'a list of one candidate is sorted, too',
    ]),
    [
      'if (isShared && days > 0) ofDays.set(days, reasons);',
      '0 → (0 + 1)',
      'equal reasons are made again for each session',
    ],
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/decide.ts', source, change, reason })),
  ...[
    ['empty: false,', 'false → true', 'only a policy that selects empty sessions asks if one is empty'],
    [
      'const records = needsRecords(policy) ? index.records(rows, { footprint: false }) : null;',
      'false → true',
      'the figure is not read; only the time that it takes and the sums in the cache differ',
    ],
    ...['|| → &&'].map((change) => [
      'this.isAlone = isTranscriptAlone(file) && (idArtifacts.isEmpty || idArtifacts.rootsOf(file).length === 0);',
      change,
      'its one file is examined in the slower way, with the same result',
    ]),
    [
      'this.isPlainAlone = this.isAlone && file.isPlain && sources.isOurDir(file);',
      'this.isPlainAlone = this.isAlone && file.isPlain && sources.isOurDir(file); → dropped',
      'its one file is examined in the slower way, with the same result',
    ],
    [
      'file.isPlain && sources.isOurDir(file) && (idArtifacts.isEmpty || idArtifacts.rootsOf(file).length === 0);',
      '|| → &&',
      'its files are examined one by one, with the same result',
    ],
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/candidates.ts', source, change, reason })),
  ...[
    ['const HASH_START = 0x811c9dc5;', '0x811c9dc5 → (0x811c9dc5 + 1)'],
    ['const HASH_FACTOR = 0x01000193;', '0x01000193 → (0x01000193 + 1)'],
    ...['2 → (2 + 1)', '32 → (32 + 1)', '+ → -', '1 → (1 + 1)'].map((change) => [
      'const slots = new Int32Array(2 ** (32 - Math.clz32(2 * ids.length + 1)));',
      change,
    ]),
    ['for (let other = slots[slot] ?? 0; other !== 0; other = slots[slot] ?? 0) {', '0 → (0 + 1)'],
    ...['+ → -', '1 → (1 + 1)'].map((change) => ['slot = (slot + 1) & mask;', change]),
    ...['0 → (0 + 1)', '< → <='].map((change) => [
      'for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), HASH_FACTOR);',
      change,
    ]),
    ['return hash ^ (hash >>> 15);', '15 → (15 + 1)'],
  ].map(([source, change]) => ({
    path: 'src/retention/plan/repeated-ids.ts',
    source,
    change,
    reason: 'ids are in other slots of the table, in which all are found',
  })),
  ...[
    ['const PLANNED = 3;', '3 → (3 + 1)', 'a number that differs from the others'],
    [
      'if (repeated.size === 0 && idArtifacts.isEmpty) return;',
      'return; → dropped',
      'no session is found to be unusual',
    ],
    [
      'if (repeated.size === 0 && idArtifacts.isEmpty) return;',
      '0 → (0 + 1)',
      'copies of one id share nothing where no file is named by an id',
    ],
    [
      'if (repeated.has(id) || idArtifacts.rootsOf({ configDir, id }).length > 0) this.#unusual[position] = 1;',
      '> → >=',
      'all sessions are planned one by one then, with the same result',
    ],
    [
      'if (policy.before !== null && ageMs >= policy.before.ms) return KEPT;',
      '>= → >',
      'the selectors keep it as well',
    ],
    ...['< → <=', '1 → (1 + 1)'].map((change) => [
      "((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1);",
      change,
      'sessions of one age have different ids, and only the sign counts',
    ]),
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/summary/sum-columns.ts', source, change, reason })),
  ...[
    [
      '.sort((a, b) => b.removedBytes - a.removedBytes || (a.projectDir < b.projectDir ? -1 : 1));',
      '1 → (1 + 1)',
      'only the sign counts',
    ],
    [
      'const compare = (a: number, b: number): number => (numbers[b] ?? 0) - (numbers[a] ?? 0) || compareEqual(a, b);',
      '0 → (0 + 1)',
      'there is a number at each position',
    ],
    ['const last = largest[MAX_NAMED - 1];', '- → +', 'numbers that are too small are added, sorted and cut off'],
    [
      'if (Number.isNaN(numbers[at]) || (last !== undefined && compare(at, last) > 0)) continue;',
      '0 → (0 + 1)',
      'numbers that are too small are added, sorted and cut off',
    ],
    [
      'if (Number.isNaN(numbers[at]) || (last !== undefined && compare(at, last) > 0)) continue;',
      '> → >=',
      'two positions are never equal',
    ],
  ].map(([source, change, reason]) => ({ path: 'src/retention/plan/summary/shares.ts', source, change, reason })),
  {
    path: 'src/retention/plan/forks.ts',
    source: 'for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {',
    change: '1 → (1 + 1)',
    reason: 'no mark begins within another one',
  },
  {
    path: 'src/retention/plan/forks.ts',
    source: 'this.#referred.set(fork, referred);',
    change: 'this.#referred.set(fork, referred); → dropped',
    reason: 'the transcript of a fork is read again each time',
  },
  {
    path: 'src/sessions/move/plan.ts',
    source: 'for (let before = -1; before < readers.size; ) {',
    change: '1 → (1 + 1)',
    reason: 'the first round begins with fewer readers than there are, either way',
  },
  {
    path: 'src/sessions/move/plan.ts',
    source: 'footprintBytes: sizes[at]?.footprintBytes ?? 0,',
    change: '0 → (0 + 1)',
    reason: 'each session has a record',
  },
  {
    path: 'src/retention/plan/survey/scanned-survey.ts',
    source: 'const path = sideFolder + sep + name;',
    change: '+ → -',
    reason: 'its files are examined one by one, with the same result',
  },
  {
    path: 'src/retention/lock-file.ts',
    source: 'return lstatSync(path, { throwIfNoEntry: false }) ?? null;',
    change: 'false → true',
    reason: 'a missing file gives an error then, which is recognised',
  },
  {
    path: 'src/retention/replaced.ts',
    source: "if (baseNameOf(finalNameOf(name) ?? '') !== null) rmSync(join(folder, name), { force: true });",
    change: 'true → false',
    reason: 'the name was just listed, and nothing else removes it while the lock is held',
  },
  {
    path: 'src/retention/plan/survey/survey.ts',
    source: 'if (nlink > 1) {',
    change: '> → >=',
    reason: 'files with one name are remembered, too, and never met again',
  },
  ...[
    ['const MIN_FOLDERS = 100;', '100 → (100 + 1)', 'only the time differs that later sweeps take'],
    [
      'const begun = changed.length < MIN_FOLDERS ? null : beginSweep(swept);',
      '< → <=',
      'only the time differs that later sweeps take',
    ],
    [
      'const COARSE_MS = 2000;',
      '2000 → (2000 + 1)',
      'folders that changed within one more millisecond are listed again',
    ],
    ['if (begun === null) return;', 'return; → dropped', 'nothing can be renamed then, nor removed'],
  ].map(([source, change, reason]) => ({ path: 'src/retention/sweep.ts', source, change, reason })),
  {
    path: 'src/retention/apply/delete-session.ts',
    source: 'if (staged.length > 0 && hasSafePaths(entry)) for (const path of staged) removeTree(path);',
    change: '> → >=',
    reason: 'nothing is to be removed then',
  },
  {
    path: 'src/retention/apply/run.ts',
    source: 'const half = Math.ceil(batch.length / 2);',
    change: '2 → (2 + 1)',
    reason: 'the sessions are moved in other portions, with the same outcomes',
  },
  {
    path: 'src/retention/plan/survey/our-folders.ts',
    source: 'known.set(folder, { dev, ino, isOurs });',
    change: 'known.set(folder, { dev, ino, isOurs }); → dropped',
    reason: 'the path of a folder is resolved again for each session',
  },
  ...[
    [
      'keep/cleanup-periods.ts',
      '.sort((a, b) => a.days - b.days || (a.folder < b.folder ? -1 : 1));',
      '< → <=',
      'no folder is listed twice',
    ],
    [
      'lock.ts',
      'for (const configDir of configDirs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {',
      '< → <=',
      'no config dir is locked twice',
    ],
    ...[
      ['keep/cleanup-periods.ts', '.sort((a, b) => a.days - b.days || (a.folder < b.folder ? -1 : 1));'],
      [
        'keep/forecast.ts',
        'Number(b.whole) - Number(a.whole) || a.expiresMs - b.expiresMs || (a.row.file.id < b.row.file.id ? -1 : 1),',
      ],
      [
        'keep/keep-times.ts',
        'const newestFirst = [...rows].sort((a, b) => activityOf(b) - activityOf(a) || ' +
          '(a.file.id < b.file.id ? -1 : 1));',
      ],
      ['lock.ts', 'for (const configDir of configDirs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {'],
    ].map(([path, source]) => [path, source, '1 → (1 + 1)', 'of a comparison only the sign counts']),
    ...['64 → (64 + 1)', '1024 → (1024 + 1)'].map((change) => [
      'trash/packing/salvage.ts',
      'const READ_BYTES = 64 * 1024;',
      change,
      'the size of the portions in which a file is read: its bytes are the same',
    ]),
    ['trash/packing/pack.ts', 'const LEVEL = 3;', '3 → (3 + 1)', 'the same text comes back; only size and time differ'],
    ...['0 → (0 + 1)', '+ → -'].map((change) => [
      'trash/packing/salvage.ts',
      'for (let readable = 0, unreadable = packed.length + 1; unreadable - readable > 1; ) {',
      change,
      'all is tried first, and a single byte gives no text',
    ]),
    [
      'trash/packing/salvage.ts',
      'const byte = Buffer.alloc(1);',
      '1 → (1 + 1)',
      'one byte is read, and the first one returned',
    ],
    [
      'trash/packing/salvage.ts',
      'return size > bytes && (bytes === 0 || byteAt(bytes - 1) === NEWLINE) && byteAt(size - 1) === NEWLINE;',
      '> → >=',
      'a file of its recorded size was accepted before',
    ],
    ...[
      ['trash/tree.ts', 'if (stats.nlink > 1) counted.add(inode);'],
      ['keep/forecast.ts', 'if (entry.stats.nlink > 1) counted.add(entry.stats.ino);'],
    ].map(([path, source]) => [path, source, '> → >=', 'files with one name are remembered too, and never met again']),
    [
      'trash/read-trash.ts',
      'known.set(configDir, path);',
      'known.set(configDir, path); → dropped',
      'the path of a config dir is resolved again for each session',
    ],
    [
      'trash/trash-entry.ts',
      'return this.#numbers.get(root) ?? -1;',
      '1 → (1 + 1)',
      'only roots of the session are asked for',
    ],
    [
      'keep/forecast.ts',
      'expiresAt: known !== undefined && known.expiresAt < expiresAt ? known.expiresAt : expiresAt,',
      '< → <=',
      'one of two equal times',
    ],
    [
      'keep/forecast.ts',
      '{ footprint: false },',
      'false → true',
      'the figure is not read; only the time that it takes and the sums in the cache differ',
    ],
    [
      'keep/keep-times.ts',
      'const targetMs = wholeSecond(now - periodMs / 2 - (ranks.get(row) ?? 0) * step);',
      '0 → (0 + 1)',
      'each session has a rank',
    ],
    [
      'restore/join-transcripts.ts',
      'for (let at = 0; at < size; at += CHUNK_BYTES) {',
      '< → <=',
      'an empty portion more, which is equal',
    ],
    [
      'restore/late-lines.ts',
      'for (let at = start; at < end; at += CHUNK_BYTES) ' +
        'writeAll(to, readRange(from, at, Math.min(end, at + CHUNK_BYTES)));',
      '< → <=',
      'an empty portion more',
    ],
    [
      'restore/join-transcripts.ts',
      'const isRepeated = isEntry || at < lastRepeated;',
      '< → <=',
      'the last repeated line is an entry',
    ],
    [
      'restore/join-transcripts.ts',
      'const last = ranges.at(-1);',
      '1 → (1 + 1)',
      'lines that follow each other are copied one by one',
    ],
    [
      'restore/join-transcripts.ts',
      'return size === originalSize || isWholeLine(from, size) || readRange(to, size, size + 1)[0] === NEWLINE;',
      '1 → (1 + 1)',
      'only the first byte of the range is compared',
    ],
    [
      'restore/join-transcripts.ts',
      'for (let count = Math.min(before.length, after.length); count > 0; count--) {',
      '> → >=',
      'no lines are compared, and the end of none is the start',
    ],
    [
      'restore/join-transcripts.ts',
      'if (before.slice(-count).every((digest, at) => digest === after[at]?.digest)) ' +
        'return after[count - 1]?.end ?? 0;',
      '0 → (0 + 1)',
      'there is a line at each position below the count',
    ],
    [
      'restore/late-lines.ts',
      'for (let quietMs = 0, polls = 0; ; quietMs += POLL_MS, polls += 1) {',
      '0 → (0 + 1)',
      'ten polls follow either way, and at most one fewer if a program never stops: only the time differs',
    ],
    ...[
      ['const POLL_MS = 100;', '100 → (100 + 1)'],
      ['const CONTENTION_MS = 3000;', '3000 → (3000 + 1)'],
      ['for (let waitedMs = 0; ; waitedMs += POLL_MS) {', '0 → (0 + 1)'],
      ['if (waitedMs >= Math.max(waitMs, minWaitMs)) throw error;', '>= → >'],
      [
        "if (state.kind === 'held') return { error: state.error, minWaitMs: state.isNew ? CONTENTION_MS : 0 };",
        '0 → (0 + 1)',
      ],
      ["if (state.kind === 'blocked') return { error: state.error, minWaitMs: 0 };", '0 → (0 + 1)'],
    ].map(([source, change]) => [
      'lock.ts',
      source,
      change,
      'one look more, or each a little later: only the time differs',
    ]),
  ].map(([path, source, change, reason]) => ({ path: `src/retention/${path}`, source, change, reason })),
];
