import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LedgerSession, ledgerSessions } from '../../../src/usage/ownership/ledger-session.js';
import { Union } from '../../../src/usage/ownership/union.js';
import type { LedgerRow } from '../../../src/transcript/fold/ledger.js';
import { aResponse, fakeIndex, type Sketch } from '../../support/builders.js';

/** Returns all responses of the sessions together, as sorted text with one line per response. */
function unionOf(sketches: readonly Sketch[]): string[] {
  const union = new Union(ledgerSketches(sketches));
  const responses: string[] = [];
  union.sessions.forEach((_, at) =>
    union.forEachResponse(at, ({ model, tier, timeMs, amounts }) =>
      responses.push(JSON.stringify([model, tier, timeMs, amounts])),
    ),
  );
  return responses.sort();
}

/** Ids of the sessions that own at least one response. */
function ownersOf(sketches: readonly Sketch[]): (string | undefined)[] {
  const union = new Union(ledgerSketches(sketches));
  const owners = new Set<number>();
  union.sessions.forEach((_, at) => union.forEachResponse(at, () => owners.add(at)));
  return union.sessions.filter((_, at) => owners.has(at)).map(({ row }) => row.file.id);
}

function ledgerSketches(sketches: readonly Sketch[]): LedgerSession[] {
  const index = fakeIndex(sketches);
  return ledgerSessions(index, index.rows);
}

// Lines of responses. Some responses have several lines, written at different stages; some ids are used twice, as by
// some gateways; some lines have no request id.
const lines: fc.Arbitrary<LedgerRow[]> = fc
  .array(
    fc.record({
      id: fc.nat(12),
      request: fc.option(fc.nat(1)),
      sent: fc.nat(2),
      outputs: fc.array(fc.nat(500), { minLength: 1, maxLength: 3 }),
      time: fc.option(fc.nat(1e6)),
    }),
    { maxLength: 12 },
  )
  .map((responses) => {
    // Responses with the same id differ in the request, or else in the input.
    const distinct = new Map(
      responses.map((response) => [
        `${response.id} ${response.request === null ? `sent ${response.sent}` : response.request}`,
        response,
      ]),
    );
    return [...distinct.values()].flatMap(({ id, request, sent, outputs, time }) =>
      outputs.map((output) =>
        aResponse(`msg_${id}`, {
          requestId: request === null ? null : `req_${request}`,
          timeMs: time,
          usage: { input: 10 + sent + (request === null ? 100 : 10 * request), output },
        }),
      ),
    );
  });

describe('the union of responses', () => {
  it('is the same however the lines are divided among transcripts, copied to forks and ordered', () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.nat(3), { minLength: 36, maxLength: 36 }),
        fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 6 }),
        (rows, division, forks) => {
          const whole = unionOf([session(0, rows)]);
          const parts = [0, 1, 2, 3].map((part) => rows.filter((_, at) => division[at] === part));
          // A fork copies a part unchanged, and records its parent or not.
          const copies = forks.map(([from, by], at) =>
            session(4 + at, parts[from] ?? [], by === 0 ? idOf(from) : null),
          );
          const all = [...parts.map((part, at) => session(at, part)), ...copies];
          expect(unionOf(all)).toEqual(whole);
          expect(unionOf([...all].reverse())).toEqual(whole);
          expect(ownersOf([...all].reverse()).sort()).toEqual(ownersOf(all).sort());
        },
      ),
      { numRuns: 500 },
    );
  });

  it('distinguishes requests that reuse an id, and joins lines without a request id', () => {
    const [one, again, unnamed] = [
      aResponse('msg', { usage: { input: 1 } }),
      aResponse('msg', { requestId: 'other', usage: { input: 2 } }),
      aResponse('msg', { requestId: null, usage: { input: 2 } }),
    ];
    expect(unionOf([session(0, [one]), session(1, [again]), session(2, [unnamed])])).toHaveLength(2);
    expect(unionOf([session(0, [unnamed, aResponse('msg', { requestId: null, usage: { input: 3 } })])])).toHaveLength(
      2,
    );
  });

  it('uses the line with the most output and the earliest time', () => {
    const early = aResponse('msg', { timeMs: 1000, usage: { output: 5 } });
    const full = aResponse('msg', { timeMs: 2000, usage: { output: 50 } });
    expect(unionOf([session(0, [early]), session(1, [full])])).toEqual([
      expect.stringMatching(/^\["claude-opus-5-5","standard",1000,.*"output":50,/),
    ]);
  });
});

describe('a response in several sessions', () => {
  const shared = [aResponse('shared')];
  const inherited = [aResponse('shared', { inherited: true })];

  it('belongs to the parent, however old the fork claims to be', () => {
    expect(ownersOf([session(0, shared, idOf(1), 1), session(1, shared, null, 9)])).toEqual([idOf(1)]);
  });

  it('belongs to the first of a chain of forks, even if one of them does not contain it', () => {
    expect(
      ownersOf([
        session(0, shared, idOf(1), 1),
        session(1, [aResponse('else')], idOf(2), 2),
        session(2, shared, null, 3),
      ]),
    ).toEqual([idOf(1), idOf(2)]);
  });

  it('belongs to the one whose lines do not name another session as the one that made the request', () => {
    expect(ownersOf([session(0, inherited, null, 1), session(1, shared, null, 9)])).toEqual([idOf(1)]);
  });

  it('otherwise belongs to the older session, or to the smaller id if both have the same age', () => {
    expect(ownersOf([session(0, shared, null, 9), session(1, shared, null, 1)])).toEqual([idOf(1)]);
    expect(ownersOf([session(1, shared, null, 1), session(0, shared, null, 1)])).toEqual([idOf(0)]);
    expect(ownersOf([session(0, shared, idOf(1), 9), session(1, shared, idOf(0), 1)])).toEqual([idOf(1)]);
  });
});

function session(at: number, responses: LedgerRow[], forkedFrom: string | null = null, created = at): Sketch {
  return { id: idOf(at), responses, forkedFrom, created };
}

function idOf(at: number): string {
  return `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
}
