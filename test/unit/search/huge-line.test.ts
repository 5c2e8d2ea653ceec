import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filterQueryOf } from '../../../src/search/filters/filter-query.js';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { Matcher } from '../../../src/search/query/matcher.js';
import { RawFinder } from '../../../src/search/raw/finder.js';
import { ResultFiles } from '../../../src/search/read/result-files.js';
import { searchFile } from '../../../src/search/read/search-file.js';
import { WHOLE_SCOPE } from '../../../src/search/search.js';
import { LineScanner } from '../../../src/transcript/scanner/scanner.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine } from '../../support/transcripts.js';

const path = join(temporaryFolder('huge'), 'a.jsonl');
writeFileSync(path, promptLine('a short kumquat') + promptLine(`quince ${'x'.repeat(100_000)} mangosteen`));

function search(text: string, maxLineBytes: number) {
  const query = parseQuery(text);
  const request = {
    path,
    agentId: null,
    scope: WHOLE_SCOPE,
    limit: 9,
    resultFiles: new ResultFiles(),
    filterName: null,
    bytes: null,
  };
  const { counts, hugeLines } = searchFile(request, {
    matcher: new Matcher(query),
    finder: RawFinder.of(query),
    filterQuery: filterQueryOf(query),
    scanner: () => new LineScanner(),
    nowMs: 0,
    maxLineBytes,
  });
  return { counts, hugeLines };
}

test('a line that is too long is searched at the beginnings of its texts, which is reported', () => {
  expect(search('mangosteen', 1_000_000)).toEqual({ counts: { prompt: 1 }, hugeLines: 0 });
  expect(search('mangosteen', 90_000)).toEqual({ counts: {}, hugeLines: 1 });
  expect(search('quince', 90_000)).toEqual({ counts: { prompt: 1 }, hugeLines: 1 });
  // Only lines that may match are reported.
  expect(search('kumquat', 90_000)).toEqual({ counts: { prompt: 1 }, hugeLines: 0 });
});
