import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linksOf } from '../../../src/sessions/fork/links.js';
import { withFile } from '../../../src/transcript/lines.js';
import { readSkeleton, type SkeletonNode } from '../../../src/transcript/skeleton.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine } from '../../support/transcripts.js';

/** Entries by uuid and parent. */
function entries(...parents: [uuid: string, parentUuid: string | null][]): SkeletonNode[] {
  const path = join(temporaryFolder('links'), 't.jsonl');
  writeFileSync(path, parents.map(([uuid, parentUuid]) => promptLine(uuid, { uuid, parentUuid })).join(''));
  return withFile(path, (fd, size) => readSkeleton(fd, { start: 0, end: size }, null));
}

test('entries whose parents do not make them one conversation get the entry before them as parent', () => {
  const nodes = entries(['a', null], ['b', 'a'], ['c', 'a']);
  const parents = (chain: readonly SkeletonNode[]): unknown[] =>
    linksOf(nodes, chain).map((parent) => parent?.uuid ?? null);
  expect(parents(nodes)).toEqual([null, 'a', 'b']);
  // Claude Code would read only one of two branches.
  expect(parents([])).toEqual([null, 'a', 'b']);
});
