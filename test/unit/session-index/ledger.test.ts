import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLedger, type LedgerSource } from '../../../src/session-index/format/ledger/encode-ledger.js';
import { AMOUNTS, type AmountName } from '../../../src/session-index/format/ledger/ledger-layout.js';
import { SessionLedger } from '../../../src/session-index/format/ledger/session-ledger.js';
import { aResponse } from '../../support/builders.js';
import { alignedCopy, damages, expectRejected, ledgerSource, readOrReason } from '../../support/index-parts.js';

const NAMES = Object.keys(AMOUNTS.at) as AmountName[];

/** Returns all content of a ledger, with names instead of numbers. */
function contentOf(ledger: SessionLedger): unknown {
  const { about } = ledger;
  return {
    about,
    responses: Array.from({ length: ledger.length }, (_, row) => ({
      timeMs: ledger.time(row),
      model: about.models[ledger.model(row)] ?? null,
      tier: ledger.tier(row),
      isUsOnly: ledger.isUsOnly(row),
      inherited: ledger.isInherited(row),
      hasRequest: ledger.request(row) !== 0,
      ...Object.fromEntries(NAMES.map((name) => [name, ledger.amount(row, name)])),
    })),
    prompts: Array.from({ length: ledger.prompts }, (_, at) => ledger.promptTime(at)),
    calls: Array.from({ length: ledger.toolCalls }, (_, call) => [
      ledger.callRow(call),
      about.tools[ledger.callTool(call)],
    ]),
    ids: [ledger.ids.length, ledger.promptIds.length],
  };
}

function expectedContent({ responses, prompts, about }: LedgerSource): unknown {
  const unique = (names: readonly string[]): string[] => [...new Set(names)];
  return {
    about: {
      models: unique(responses.flatMap(({ model }) => model ?? [])),
      tools: unique(responses.flatMap(({ tools }) => tools)),
      ...about,
    },
    responses: responses.map(({ timeMs, model, usage, inherited, requestId }) => ({
      timeMs: timeMs ?? NaN,
      model,
      tier: usage.tier,
      isUsOnly: usage.isUsOnly,
      inherited,
      hasRequest: requestId !== null,
      ...Object.fromEntries(NAMES.map((name) => [name, usage[name]])),
    })),
    prompts: prompts.map(({ timeMs }) => timeMs ?? NaN),
    calls: responses.flatMap(({ tools }, at) => tools.map((tool) => [at, tool])),
    ids: [2 * responses.length, 2 * prompts.length],
  };
}

describe('a ledger', () => {
  it('returns the responses, prompts and tool calls it was made of', () => {
    fc.assert(
      fc.property(ledgerSource, (source) => {
        const bytes = encodeLedger(source);
        expect(bytes.length % 8).toBe(0);
        expect(contentOf(new SessionLedger(alignedCopy(bytes)))).toEqual(expectedContent(source));
      }),
    );
  });

  it('can be read among other ledgers', () => {
    fc.assert(
      fc.property(fc.array(ledgerSource, { minLength: 2, maxLength: 3 }), (sources) => {
        const all = alignedCopy(Buffer.concat(sources.map((source) => encodeLedger(source))));
        let start = 0;
        for (const source of sources) {
          const { length } = encodeLedger(source);
          expect(contentOf(new SessionLedger(all.subarray(start, start + length)))).toEqual(expectedContent(source));
          start += length;
        }
      }),
    );
  });

  it('is rejected where its sections do not add up to its length', () => {
    const bytes = alignedCopy(encodeLedger({ responses: [aResponse('a')], prompts: [], sessionId: '', about: ABOUT }));
    for (const wrong of [bytes.subarray(0, -8), bytes.subarray(0, -1), bytes.subarray(0, 8), bytes.subarray(8)])
      expectRejected('ledger', () => new SessionLedger(wrong));
  });

  it('stores only the first models and tools if there are more than a number can hold', () => {
    const responses = Array.from({ length: 65_600 }, (_, at) =>
      aResponse(`${at}`, { model: `m${at}`, tools: [`t${at}`] }),
    );
    const ledger = new SessionLedger(encodeLedger({ responses, prompts: [], sessionId: '', about: ABOUT }));
    const { models, tools } = ledger.about;
    expect([models.length, tools.length]).toEqual([0xffff, 0xffff]);
    expect([models[ledger.model(65_534)], models[ledger.model(65_599)]]).toEqual(['m65534', undefined]);
    expect([tools[ledger.callTool(65_534)], tools[ledger.callTool(65_599)]]).toEqual(['t65534', undefined]);
  });

  it('is rejected or can be read to the end after any damage', () => {
    fc.assert(
      fc.property(ledgerSource, damages, (source, damage) => {
        const bytes = damage(encodeLedger(source));
        const content = readOrReason(() => new SessionLedger(bytes));
        if (typeof content === 'string') return void expect(content).toBe('ledger');
        const [length, prompts, calls] = [content.length, content.prompts, content.toolCalls];
        expect(48 * length + 16 * prompts + 8 * calls).toBeLessThanOrEqual(bytes.length);
        expect(content.ids).toHaveLength(2 * length);
        expect(content.promptIds).toHaveLength(2 * prompts);
        const about = readOrReason(() => content.about);
        if (typeof about === 'string') expect(about).toBe('ledger');
      }),
      { numRuns: 500 },
    );
  });
});

const ABOUT: LedgerSource['about'] = {
  cwd: null,
  repository: null,
  gitBranch: null,
  forkedFrom: null,
  answeredSinceReport: false,
  reportedTokens: null,
  isReportGuessed: false,
  renamedPrompts: [],
};
