import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activeBranch } from '../../../src/transcript/branch/branch.js';
import type { SkeletonNode } from '../../../src/transcript/skeleton.js';
import { node } from '../../support/nodes.js';

function branch(...nodes: SkeletonNode[]): string {
  return activeBranch(nodes, { whole: true })
    .nodes.map(({ uuid }) => uuid)
    .join(' ');
}

describe('the active branch', () => {
  test('is the chain to the last written leaf', () => {
    expect(branch(node('u1', null), node('a1', 'u1'), node('u2', 'a1'), node('a2', 'u2'))).toBe('u1 a1 u2 a2');
  });

  test('excludes the abandoned turn after a rewind, even if it is longer', () => {
    const abandoned = [node('u2', 'a1'), node('a2', 'u2'), node('u3', 'a2'), node('a3', 'u3')];
    expect(branch(node('u1', null), node('a1', 'u1'), ...abandoned, node('u4', 'a1'))).toBe('u1 a1 u4');
  });

  test('excludes sidechains, unless they are the conversation', () => {
    const side = [node('u8', null, { isSidechain: true }), node('a8', 'u8', { isSidechain: true })];
    expect(branch(node('u1', null), node('a1', 'u1'), ...side)).toBe('u1 a1');
    expect(activeBranch(side, { whole: true, sidechains: true }).nodes).toEqual(side);
  });

  test('skips progress entries at its end, but not within', () => {
    expect(branch(node('u1', null), node('p1', 'u1'), node('a1', 'p1'), node('p2', 'a1'))).toBe('u1 p1 a1');
  });

  test('does not end in bookkeeping that belongs to no message', () => {
    expect(branch(node('u1', null), node('a1', 'u1'), node('s1', null))).toBe('u1 a1');
    expect(branch(node('s1', null))).toBe('s1');
  });

  test('puts the results of parallel calls after the last call', () => {
    const same = { messageId: 'm' };
    const chain = [
      node('u1', null),
      node('a1', 'u1', same),
      node('a2', 'a1', same),
      node('r1', 'a1'),
      node('r2', 'a2'),
      node('a3', 'r2'),
    ];
    expect(branch(...chain)).toBe('u1 a1 a2 r1 r2 a3');
    const bySource = chain.map((one) => (one.uuid === 'r1' ? { ...one, parentUuid: 'x', toolAssistant: 'a1' } : one));
    expect(branch(...bySource)).toBe('u1 a1 a2 r1 r2 a3');
  });

  test('includes a call outside the chain, but not an abandoned prompt', () => {
    const same = { messageId: 'm' };
    const nodes = [
      node('u1', null),
      node('a1', 'u1', same),
      node('a2', 'u1', same),
      node('u9', 'a1'),
      node('r2', 'a2'),
      node('u2', 'r2'),
    ];
    expect(branch(...nodes)).toBe('u1 a2 a1 r2 u2');
  });

  test('uses the last of two entries with one uuid', () => {
    expect(branch(node('u1', null), node('a1', 'u1'), node('a1', 'u1'), node('u2', 'a1'))).toBe('u1 a1 u2');
    expect(branch(node('u1', null), node('a1', 'u1'), node('u2', 'a1'), node('a1', 'u1'))).toBe('u1 a1');
  });

  test('ends in the named leaf, unless that is an ancestor of the last entry', () => {
    const nodes = [
      node('u1', null),
      node('a1', 'u1'),
      node('u2', 'a1'),
      node('a2', 'u2'),
      node('u3', 'a1'),
      node('a3', 'u3'),
    ];
    const tipped = (leaf: string | null): string =>
      activeBranch(nodes, { whole: true, leaf })
        .chain.map(({ uuid }) => uuid)
        .join(' ');
    expect([tipped('a2'), tipped('u2')]).toEqual(['u1 a1 u2 a2', 'u1 a1 u2']);
    expect([tipped(null), tipped('a1'), tipped('a3'), tipped('gone')]).toEqual(
      Array.from({ length: 4 }, () => 'u1 a1 u3 a3'),
    );
  });

  test('continues with the last entry of the preceding five seconds if a parent is missing', () => {
    const at = (seconds: number): { timeMs: number } => ({ timeMs: seconds * 1000 });
    const start = [node('u1', null, at(0)), node('a1', 'u1', at(10))];
    expect(branch(...start, node('u2', 'gone', at(15)), node('a2', 'u2'))).toBe('u1 a1 u2 a2');
    expect(branch(...start, node('u2', 'gone', at(15.001)), node('a2', 'u2'))).toBe('u2 a2');
    expect(branch(node('u1', 'of another file'), node('a1', 'u1'))).toBe('u1 a1');
  });

  test('continues with the previous entry if there is no parentUuid', () => {
    expect(branch(node('u1', undefined), node('a1', undefined), node('u2', 'a1'))).toBe('u1 a1 u2');
  });

  test('is found quickly in a transcript that is damaged throughout', () => {
    const nodes = Array.from({ length: 200_000 }, (_, at) => node(`u${at}`, `u${at}`, { timeMs: 0 }));
    expect(activeBranch(nodes, { whole: true }).chain).toHaveLength(nodes.length);
  });

  test('ends if parents form a cycle', () => {
    expect(branch(node('u1', 'a1'), node('a1', 'u1'), node('u2', 'a1'))).toBe('u1 a1 u2');
    expect(branch(node('u1', 'a1'), node('a1', 'u1'))).toBe('u1 a1');
  });

  test('is empty without entries', () => expect(branch()).toBe(''));
});

describe('after a compaction', () => {
  const before = [node('u1', null), node('a1', 'u1'), node('u2', 'a1'), node('a2', 'u2')];
  const boundary = (compact: SkeletonNode['compact']): SkeletonNode => node('s1', null, { compact });

  test('the branch begins with the boundary and its summary', () => {
    expect(branch(...before, boundary({ trigger: 'manual' }), node('u3', 's1'), node('u4', 'u3'))).toBe('s1 u3 u4');
  });

  test('preserved messages follow the summary', () => {
    const preserved = boundary({ preservedMessages: { anchorUuid: 'u3', uuids: ['u2', 'a2'] } });
    expect(branch(...before, preserved, node('u3', 's1'), node('u4', 'u3'), node('a4', 'u4'))).toBe(
      's1 u3 u2 a2 u4 a4',
    );
  });

  test('a preserved segment is named by its ends', () => {
    const preserved = boundary({ preservedSegment: { headUuid: 'u2', anchorUuid: 'u3', tailUuid: 'a2' } });
    expect(branch(...before, preserved, node('u3', 's1'), node('u4', 'u3'))).toBe('s1 u3 u2 a2 u4');
  });

  test('a missing preserved message means that nothing is preserved', () => {
    const preserved = boundary({ preservedMessages: { anchorUuid: 'u3', uuids: ['u2', 'gone'] } });
    expect(branch(...before, preserved, node('u3', 's1'), node('u4', 'u3'))).toBe('s1 u3 u4');
  });
});

describe('from only the last lines of a file', () => {
  test('it is incomplete if the chain leaves them', () => {
    const { nodes, isOpen } = activeBranch([node('a1', 'earlier'), node('u2', 'a1')], { whole: false });
    expect([nodes.map(({ uuid }) => uuid), isOpen]).toEqual([['a1', 'u2'], true]);
    expect(activeBranch([node('s1', 'earlier')], { whole: false })).toEqual({ nodes: [], chain: [], isOpen: true });
    expect(activeBranch([], { whole: false })).toEqual({ nodes: [], chain: [], isOpen: true });
  });

  test('it is complete if they contain the root', () => {
    expect(activeBranch([node('u1', null), node('a1', 'u1')], { whole: false }).isOpen).toBe(false);
  });

  test('it is unknown if a compaction preserved a message that is not among them', () => {
    const compact = { preservedMessages: { anchorUuid: 'u3', uuids: ['u2'] } };
    expect(activeBranch([node('s1', null, { compact }), node('u3', 's1')], { whole: false })).toEqual({
      nodes: [],
      chain: [],
      isOpen: true,
    });
  });
});

test('any tree gives a branch without repetition', () => {
  const uuid = fc.constantFrom('u1', 'u2', 'a1', 'a2', 'r1', 's1', 'p1');
  const any = fc.record({ uuid, parent: fc.option(uuid, { nil: null }), id: fc.constantFrom('m', 'n', null) });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (entries) => {
      const nodes = entries.map(({ uuid: own, parent, id }) =>
        node(own, parent, own.startsWith('a') ? { messageId: id } : {}),
      );
      const found = activeBranch(nodes, { whole: true }).nodes;
      expect(new Set(found).size).toBe(found.length);
      if (nodes.some(({ type }) => type !== 'progress')) expect(found.length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});
