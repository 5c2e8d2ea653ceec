import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { responsesOf } from '../../../src/transcript/fold/ledger.js';
import {
  TranscriptReader,
  type FoldedTranscript,
  type FoldOptions,
} from '../../../src/transcript/fold/read-transcript.js';
import { anyTranscript, damagedTranscript } from '../../support/arbitrary-transcript.js';
import { evenly } from '../../support/evenly.js';
import { line } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';

const ID = '00000000-0000-4000-8000-000000000001';
const path = join(temporaryFolder('fold'), `${ID}.jsonl`);
const reader = new TranscriptReader();

function fold(options: FoldOptions = {}): FoldedTranscript {
  return reader.foldTranscript(path, ID, options);
}

function outcome({ fold: { facts, ledger, sent } }: FoldedTranscript): unknown {
  return { facts, sent, ledger: ledger.state, responses: responsesOf([ledger]) };
}

describe('folding a transcript', () => {
  it('accepts token figures up to four billion, and ignores larger ones', () => {
    const most = 2 ** 32 - 1;
    const answer = (id: string, output_tokens: number): string =>
      line({
        type: 'assistant',
        uuid: id,
        message: { id, model: 'claude-a', usage: { input_tokens: 1, output_tokens } },
      });
    writeFileSync(path, answer('m1', most) + answer('m2', most + 1));
    expect(responsesOf([fold().fold.ledger]).map(({ usage }) => [usage.output, usage.odd])).toEqual([
      [most, 0],
      [0, 1],
    ]);
  });

  it('counts an advisor as separate responses of its model, once for all lines of the answer', () => {
    const advice = {
      type: 'advisor_message',
      model: 'claude-b',
      input_tokens: 100,
      output_tokens: 50,
      cache_creation_input_tokens: 9,
      cache_creation: { ephemeral_1h_input_tokens: 4 },
    };
    const iterations = [
      { type: 'message', input_tokens: 1, output_tokens: 2 },
      advice,
      { ...advice, model: 'claude-c', output_tokens: 7 },
      { ...advice, model: undefined },
      { ...advice, model: '' },
    ];
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      speed: 'fast',
      service_tier: 'priority',
      inference_geo: 'us',
      server_tool_use: { web_search_requests: 1 },
      iterations,
    };
    const answer = (uuid: string): string =>
      line({ type: 'assistant', uuid, requestId: 'r1', message: { id: 'm1', model: 'claude-a', usage } });
    writeFileSync(path, answer('a1') + answer('a2'));
    const { fold: folded } = fold();
    expect(folded.facts.models).toEqual(['claude-a', 'claude-b', 'claude-c']);
    expect(folded.ledger.mainResponses).toBe(1);
    const [own, ...advisors] = responsesOf([folded.ledger]);
    expect(own).toMatchObject({
      model: 'claude-a',
      usage: { input: 1, output: 2, tier: 'fast', isUsOnly: true, webSearches: 1 },
    });
    expect(
      advisors.map(({ model, usage: { input, output, cacheWrite, cacheWrite1h, webSearches, tier, isUsOnly } }) => [
        model,
        input,
        output,
        cacheWrite,
        cacheWrite1h,
        webSearches,
        tier,
        isUsOnly,
      ]),
    ).toEqual([
      ['claude-b', 100, 50, 9, 4, 0, 'standard', true],
      ['claude-c', 100, 7, 9, 4, 0, 'standard', true],
    ]);
  });

  it('counts tool calls by tool, and keeps them with their response', () => {
    const call = (name: unknown): object => ({
      type: 'tool_use',
      id: 't',
      input: { name: 'not this', type: 'tool_use' },
      name,
    });
    const usage = { input_tokens: 1, output_tokens: 2 };
    const answer = (id: string, content: unknown, members: object = {}): string =>
      line({
        type: 'assistant',
        timestamp: '2026-11-20T10:00:05.000Z',
        requestId: 'r',
        message: { id, model: 'claude-a', content, usage },
        ...members,
      });
    writeFileSync(
      path,
      answer('m1', [{ type: 'text', text: 'name' }]) +
        answer('m1', [call('Bash'), call('Ed\u0131t\n')]) +
        answer('m1', [call('Bash')]) +
        answer('m2', [call(null), { type: 'tool_use' }]) +
        answer(
          'm3',
          Array.from({ length: 40 }, (_, at) => call(`mcp__${at % 2}`)),
        ) +
        answer('m4', [call('Read')], { isSidechain: true }),
    );
    const { facts, ledger } = fold().fold;
    expect(facts).toMatchObject({
      toolCalls: 45,
      tools: [
        ['Bash', 2],
        ['Ed\u0131t\n', 1],
        ['', 2],
        ['mcp__0', 20],
        ['mcp__1', 20],
      ],
    });
    expect(ledger.responses.map(({ tools }) => tools.length)).toEqual([3, 2, 40, 1]);
    expect(ledger.responses[0]?.tools).toEqual(['Bash', 'Ed\u0131t\n', 'Bash']);
    expect(outcome(fold())).toEqual(outcome(fold({ parseEverything: true })));
  });

  it('counts calls and compactions of an entry that is in the file twice once, even if read in two parts', () => {
    const call = (uuid: string | null, id: string, name: string, members: object = {}): string => {
      const content = [{ type: 'tool_use', name }];
      const message = { id, model: 'claude-a', content, usage: { input_tokens: 1, output_tokens: 2 } };
      return line({ type: 'assistant', ...(uuid !== null && { uuid }), requestId: 'r', message, ...members });
    };
    const boundary = line({ type: 'system', subtype: 'compact_boundary', uuid: 'd' });
    const once =
      call('a', 'm1', 'Bash') + call('b', 'm1', 'Read') + call('c', 'm2', 'Edit', { isSidechain: true }) + boundary;
    writeFileSync(path, once);
    const { resume } = fold({ keepResumePoint: true });
    writeFileSync(path, once + once);
    const whole = fold().fold;
    expect(whole.facts).toMatchObject({
      compactions: 1,
      toolCalls: 2,
      tools: [
        ['Bash', 1],
        ['Read', 1],
      ],
    });
    expect(whole.ledger.responses.map(({ tools }) => tools)).toEqual([['Bash', 'Read'], ['Edit']]);
    expect(outcome(fold({ from: resume! }))).toEqual(outcome(fold()));
    expect(outcome(fold({ parseEverything: true }))).toEqual(outcome(fold()));

    const nameless = call(null, 'm1', 'Bash') + line({ type: 'system', subtype: 'compact_boundary' });
    writeFileSync(path, nameless + nameless);
    expect(fold().fold.facts).toMatchObject({ toolCalls: 2, compactions: 2 });
  });

  it('records how the last answer of the main thread ended', () => {
    const outcomeOf = (...lines: string[]): (string | null)[] => {
      writeFileSync(path, lines.join(''));
      const { lastStopReason, lastError } = fold().fold.facts;
      return [lastStopReason, lastError];
    };
    const answer = (stop_reason: string | null, members: object = {}): string =>
      line({ type: 'assistant', uuid: 'a', message: { id: 'm', model: 'claude-a', stop_reason }, ...members });
    const synthetic = (text: string, members: object): string =>
      line({
        type: 'assistant',
        message: { model: '<synthetic>', stop_reason: 'stop_sequence', content: [{ type: 'text', text }] },
        ...members,
      });
    const failed = synthetic('API Error: 400 bad', { isApiErrorMessage: true, error: 'unknown' });
    const filler = synthetic('No response requested.', { isApiErrorMessage: false });
    expect(outcomeOf()).toEqual([null, null]);
    expect(outcomeOf(answer(null), answer('tool_use'), answer('end_turn'))).toEqual(['end_turn', null]);
    expect(outcomeOf(answer('end_turn'), answer(null))).toEqual([null, null]);
    expect(outcomeOf(answer('end_turn'), failed)).toEqual([null, 'API Error: 400 bad']);
    expect(outcomeOf(failed, filler)).toEqual([null, 'API Error: 400 bad']);
    expect(outcomeOf(failed, answer('max_tokens'), filler)).toEqual(['max_tokens', null]);
    expect(outcomeOf(answer('end_turn'), answer('tool_use', { isSidechain: true }))).toEqual(['end_turn', null]);
    expect(outcomeOf(synthetic('', { error: 'rate_limit' }))).toEqual([null, 'rate_limit']);
  });

  it('keeps the first thousand characters of a prompt, even of those that take two UTF-16 units', () => {
    const kept = (content: string): string | null => {
      writeFileSync(path, line({ type: 'user', uuid: 'u', message: { role: 'user', content } }));
      return fold().fold.facts.lastPrompt;
    };
    expect(kept('b'.repeat(1001))).toBe('b'.repeat(1000));
    expect(kept(`${'b'.repeat(999)}\u{1f600}c`)).toBe(`${'b'.repeat(999)}\u{1f600}`);
    expect(kept('\u{1f600}'.repeat(1001))).toBe('\u{1f600}'.repeat(1000));
    expect(kept(`${'b'.repeat(1000)}\u{1f600}`)).toBe('b'.repeat(1000));
  });

  it('equals the result of parsing every line, for intact transcripts', () => {
    fc.assert(
      fc.property(anyTranscript, (bytes) => {
        writeFileSync(path, bytes);
        expect(outcome(fold())).toEqual(outcome(fold({ parseEverything: true })));
      }),
      { numRuns: 500 },
    );
  });

  it('equals the result of parsing every line, for damaged ones', () => {
    fc.assert(
      fc.property(damagedTranscript, (bytes) => {
        writeFileSync(path, bytes);
        expect(outcome(fold())).toEqual(outcome(fold({ parseEverything: true })));
      }),
      { numRuns: 1500 },
    );
  });

  it('finds nothing in a partial byte order mark, whatever was read before', () => {
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    for (const length of [1, 2]) {
      writeFileSync(path, Buffer.concat([mark, Buffer.from('{"type":"user","uuid":"u","message":{"content":"x"}}\n')]));
      expect(fold().fold.facts.entries).toBe(1);
      writeFileSync(path, mark.subarray(0, length));
      expect(fold().fold.facts.entries).toBe(0);
    }
  });

  it('has the same result in two parts, wherever the text is divided', () => {
    fc.assert(
      fc.property(damagedTranscript, evenly(0, 1), (bytes, at) => {
        writeFileSync(path, bytes);
        const whole = outcome(fold());
        truncateSync(path, Math.floor(at * bytes.length));
        const { resume } = fold({ keepResumePoint: true });
        writeFileSync(path, bytes);
        const stored = JSON.parse(JSON.stringify(resume)) as NonNullable<typeof resume>;
        expect(outcome(fold({ from: stored }))).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });

  it('has the same result in two parts if lines are too long to be parsed', () => {
    fc.assert(
      fc.property(anyTranscript, evenly(0, 1), fc.integer({ min: 1, max: 400 }), (bytes, at, limit) => {
        writeFileSync(path, bytes);
        const whole = outcome(fold({ limit }));
        truncateSync(path, Math.floor(at * bytes.length));
        const { resume } = fold({ keepResumePoint: true, limit });
        writeFileSync(path, bytes);
        expect(outcome(fold({ from: resume as NonNullable<typeof resume>, limit }))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('has the same result for lines too long to be parsed, and reports them', () => {
    fc.assert(
      fc.property(anyTranscript, fc.integer({ min: 10, max: 400 }), fc.boolean(), (bytes, limit, parseEverything) => {
        writeFileSync(path, bytes);
        const held = fold();
        const outlined = fold({ limit, parseEverything });
        const long = bytes
          .toString('latin1')
          .split('\n')
          .map((text, at) => ({ text, line: at + 1 }))
          .filter(({ text }) => text.length >= limit && text.trim() !== '');
        expect(
          outlined.fold.facts.problems.filter(({ code }) => code === 'line-too-long').map(({ line: number }) => number),
        ).toEqual(long.map(({ line: number }) => number).slice(0, 20));
        const without = (folded: FoldedTranscript): unknown => ({
          ...(outcome(folded) as object),
          facts: { ...folded.fold.facts, problems: [], problemCount: 0 },
        });
        expect(without(outlined)).toEqual(without(held));
      }),
      { numRuns: 500 },
    );
  });

  it.each([{}, { parseEverything: true }])(
    'recognises a repeated folder after a line that had to be parsed',
    (options) => {
      const at = (cwd: string): string => line({ type: 'user', cwd, version: `of ${cwd}` });
      writeFileSync(path, `${at('/a')}{"type":"user","cwd":"/x","cwd":"/b","version":"of /b"}\n${at('/a')}`);
      const { cwds, lastCwd, version } = fold(options).fold.facts;
      expect({ cwds, lastCwd, version }).toEqual({ cwds: ['/a', '/b'], lastCwd: '/a', version: 'of /a' });
    },
  );

  it.each([{}, { parseEverything: true }])('treats an empty name as no name', (options) => {
    const answer = (uuid: string, message: object): string =>
      line({ type: 'assistant', uuid, cwd: '', requestId: '', message: { usage: { input_tokens: 1 }, ...message } });
    writeFileSync(
      path,
      answer('1', { id: '', model: '' }) + answer('2', { id: '', model: '' }) + answer('3', { model: 'claude-a' }),
    );
    const { facts, ledger } = fold(options).fold;
    expect({ cwds: facts.cwds, models: facts.models }).toEqual({ cwds: [], models: ['claude-a'] });
    expect(ledger.responses.map(({ id, requestId, model }) => ({ id, requestId, model }))).toEqual([
      { id: '#1', requestId: null, model: null },
      { id: '#2', requestId: null, model: null },
      { id: '#3', requestId: null, model: 'claude-a' },
    ]);
  });
});
