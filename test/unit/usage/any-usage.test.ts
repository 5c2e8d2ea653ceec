import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { responsesOf } from '../../../src/transcript/fold/ledger.js';
import { TranscriptReader } from '../../../src/transcript/fold/read-transcript.js';
import { ledgerSessions } from '../../../src/usage/ownership/ledger-session.js';
import { listPrices } from '../../../src/usage/prices/list-prices.js';
import { Sums } from '../../../src/usage/sums.js';
import { responsesIn } from '../../../src/usage/ownership/union.js';
import { anyUsage } from '../../support/arbitrary-transcript.js';
import { answerLine, promptLine } from '../../support/transcripts.js';
import { fakeIndex, NOW } from '../../support/builders.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('usage');
const path = join(folder, 'x.jsonl');
const reader = new TranscriptReader();
const prices = listPrices();

it('whatever a usage contains, sums are whole numbers and never NaN', () => {
  const usage = fc.oneof(anyUsage, fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('msg_1', 'msg_2'), usage), { maxLength: 6 }), (answers) => {
      const lines = answers.map(([id, used]) =>
        answerLine(id, 'hi', { message: { id, model: 'claude-opus-5-5', content: [], usage: used } }),
      );
      writeFileSync(path, promptLine('hello') + lines.join(''));
      const { ledger } = reader.foldTranscript(path, 'x').fold;
      const index = fakeIndex([{ responses: responsesOf([ledger]) }]);
      const sums = new Sums();
      for (const session of ledgerSessions(index, index.rows))
        for (const response of responsesIn(session)) sums.add(response, prices, NOW);
      for (const count of Object.values(sums.tokens)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      expect(sums.knownUsd).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
});
