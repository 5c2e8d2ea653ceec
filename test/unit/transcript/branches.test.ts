import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { activeBranch } from '../../../src/transcript/branch/branch.js';
import { readMessageEntries } from '../../../src/transcript/messages/messages.js';
import { modelChain } from '../../support/branch-model.js';
import { branchTranscripts, branchTranscriptPath, partsOf } from '../../support/branch-transcripts.js';
import { root } from '../../support/built.js';
import { node } from '../../support/nodes.js';

describe('the active branch has the messages that Claude Code sends on a resume', () => {
  it.each(Object.entries(branchTranscripts()))('%s', (name, { sent }) => {
    const messages = Array.from(
      readMessageEntries(branchTranscriptPath(name), { which: 'active' }),
      ({ message }) => message,
    );
    expect(partsOf(messages.filter(({ kind }) => kind !== 'system').flatMap(({ content }) => content))).toEqual(
      partsOf(sent),
    );
  });

  it('every transcript of the folder has an expected result on record', () => {
    const recorded = JSON.parse(readFileSync(join(root, 'fixtures/branches/sent.json'), 'utf8')) as {
      transcripts: object;
    };
    expect(Object.keys(recorded.transcripts).length).toBeGreaterThan(100);
  });
});

test('any set of entries gives the chain that the rule describes', () => {
  const uuid = fc.constantFrom('u1', 'u2', 'u3', 'a1', 'a2', 'a3', 's1', 's2', 'p1', 't1');
  const named = fc.option(fc.oneof({ weight: 8, arbitrary: uuid }, fc.constantFrom('gone', '')), {
    nil: null,
    freq: 6,
  });
  const parent = fc.oneof({ weight: 20, arbitrary: named }, fc.constant(undefined));
  const kept = fc.record({ anchorUuid: uuid, uuids: fc.uniqueArray(uuid, { minLength: 1, maxLength: 3 }) });
  const compact = fc.oneof(fc.constant({}), fc.record({ preservedMessages: kept }));
  const entry = fc.record({
    uuid,
    parent,
    timeMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 14 }).map((seconds) => seconds * 1000) },
      fc.constant(NaN),
    ),
    isSidechain: fc.integer({ max: 9, min: 0 }).map((dice) => dice === 0),
    compact: fc.option(compact, { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), named, (entries, leaf) => {
      const nodes = entries.map((one) =>
        node(one.uuid, one.parent, { ...one, compact: one.uuid.startsWith('s') ? one.compact : null, messageId: null }),
      );
      expect(activeBranch(nodes, { whole: true, leaf: leaf || null }).chain).toEqual(modelChain(nodes, leaf || null));
    }),
    { numRuns: 5000 },
  );
});
