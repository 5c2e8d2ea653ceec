import { describe, expect, test } from 'vitest';
import { ResponseLedger } from '../../../src/transcript/ledger.js';
import { aResponse } from '../../support/builders.js';

describe('the ledger of a transcript', () => {
  test.each([
    ['request ids', (at: number) => aResponse('msg', { requestId: `req_${at}` })],
    ['none', (at: number) => aResponse('msg', { requestId: null, usage: { input: at } })],
    ['some', (at: number) => aResponse('msg', { requestId: at % 2 === 0 ? `req_${at}` : null, usage: { input: at } })],
  ])('takes no longer for one id that a gateway gave to all its responses, with %s', (_, response) => {
    const ledger = new ResponseLedger('session');
    for (let at = 0; at < 30_000; at++) ledger.add(response(at));
    expect(ledger.responses).toHaveLength(30_000);
  }, 3000);
});
