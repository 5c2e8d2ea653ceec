import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linksOf } from '../../../src/sessions/fork/links.js';
import { withFile } from '../../../src/transcript/lines.js';
import { readSkeleton, type SkeletonNode } from '../../../src/transcript/skeleton.js';
import { activeBranch } from '../../../src/transcript/branch/branch.js';
import { node } from '../../support/nodes.js';
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

/** A response of two parallel calls, their results and the next response. */
function parallelCalls(): SkeletonNode[] {
  const response = { messageId: 'm' };
  return [
    node('u1', null),
    node('a1', 'u1', response),
    node('a2', 'a1', response),
    node('r1', 'a1'),
    node('r2', 'a2'),
    node('a3', 'r2'),
  ];
}

test('the result of a parallel call keeps that call as its parent', () => {
  const { nodes, chain } = activeBranch(parallelCalls(), { whole: true });
  const links = linksOf(nodes, chain).map((parent, at) => `${String(nodes[at]?.uuid)}<${String(parent?.uuid)}`);
  expect(links).toEqual(['u1<undefined', 'a1<u1', 'a2<a1', 'r1<a1', 'r2<a2', 'a3<r2']);
});

test('an entry apart from the chain whose parent was left out follows the entry before it', () => {
  const { nodes, chain } = activeBranch(parallelCalls(), { whole: true });
  const orphaned = nodes.map((one) => (one.uuid === 'r1' ? { ...one, parentUuid: 'gone' } : one));
  const inChain = chain.map((one) => orphaned[nodes.indexOf(one)] ?? one);
  const links = linksOf(orphaned, inChain).map((parent, at) => `${String(nodes[at]?.uuid)}<${String(parent?.uuid)}`);
  expect(links).toEqual(['u1<undefined', 'a1<u1', 'a2<a1', 'r1<a2', 'r2<a2', 'a3<r2']);
});
