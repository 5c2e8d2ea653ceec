import { describe, expect, test, vi } from 'vitest';
import { ResponseLedger, responsesOf } from '../../../src/transcript/fold/ledger.js';
import { aResponse } from '../../support/builders.js';

describe('the ledger of a transcript', () => {
  test.each([
    ['request ids', (at: number) => aResponse('msg', { requestId: `req_${at}` })],
    ['none', (at: number) => aResponse('msg', { requestId: null, usage: { input: at + 1 } })],
    ['some', (at: number) => aResponse('msg', { requestId: at % 2 === 0 ? `req_${at}` : null, usage: { input: at } })],
  ])(
    'takes no longer for one id that a gateway gave to all its responses, with %s',
    (_, response) => {
      const ledger = new ResponseLedger('session');
      for (let at = 0; at < 30_000; at++) ledger.add(response(at));
      expect(ledger.responses).toHaveLength(30_000);
    },
    3000,
  );
});

describe('the responses of several transcripts', () => {
  function ledgerOf(...ids: string[]): ResponseLedger {
    const ledger = new ResponseLedger('session');
    for (const id of ids) ledger.add(aResponse(id));
    return ledger;
  }

  test('are listed once each, in order of first appearance', () => {
    expect(responsesOf([ledgerOf('a', 'b'), ledgerOf('c', 'a'), ledgerOf('b', 'd')]).map(({ id }) => id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('are found by reading each row once, however many transcripts there are', () => {
    const looks = vi.spyOn(ResponseLedger.prototype, 'rowsOf');
    const ledgers = Array.from({ length: 2000 }, (_, at) => ledgerOf(`msg_${at}`, 'shared'));
    expect(responsesOf(ledgers)).toHaveLength(2001);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * 2 * 2000);
    looks.mockRestore();
  });
});

describe('lines without a request id', () => {
  const begun = aResponse('msg', { requestId: null, usage: { input: 0, output: 0 } });
  const answered = aResponse('msg', { requestId: null, usage: { input: 785, output: 76, cacheRead: 337 } });

  test.each([
    ['before', [begun, answered]],
    ['after', [answered, begun]],
    ['around', [begun, answered, begun]],
  ])('that sent nothing, written %s the answer, are the same response', (_, rows) => {
    const ledger = new ResponseLedger('session');
    for (const row of rows) ledger.add({ ...row });
    expect(ledger.responses.map(({ usage }) => [usage.input, usage.output, usage.cacheRead])).toEqual([[785, 76, 337]]);
    expect(ledger.mainResponses).toBe(1);
  });

  test('that sent nothing join one of several responses that a gateway gave one id', () => {
    const ledger = new ResponseLedger('session');
    for (const input of [0, 300, 20]) ledger.add(aResponse('msg', { requestId: null, usage: { input } }));
    expect(ledger.responses.map(({ usage }) => usage.input).sort()).toEqual([20, 300]);
  });
});
