import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTranscripts } from '../../../src/claude/scan/find-transcript.js';
import { temporaryHome } from '../../support/transcripts.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

test('a full id is found once in every project dir that has it, however it is reached', () => {
  const home = temporaryHome({
    [`projects/one/${A}.jsonl`]: '',
    [`projects/two/${A}.jsonl`]: '',
    [`projects/two/${B}.jsonl`]: '',
  });
  symlinkSync('two', join(home.path, 'projects/linked'));

  expect(findTranscripts([home], A)).toHaveLength(2);
  expect(findTranscripts([home, home], B)).toHaveLength(1);
});

test('a part of an id, a folder and a missing home give nothing', () => {
  const home = temporaryHome({ [`projects/one/${A}.jsonl`]: '' });
  mkdirSync(join(home.path, `projects/one/${B}.jsonl`));

  expect(findTranscripts([home], A.slice(0, 8))).toEqual([]);
  expect(findTranscripts([home], B)).toEqual([]);
  expect(findTranscripts([{ ...home, path: '/no/such/home' }], A)).toEqual([]);
});
