import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toJson } from '../../../../src/cli/render/text/json.js';
import { messageJson } from '../../../../src/cli/render/message-json.js';
import { indentedJson, rawJson } from '../../../../src/cli/render/raw-json.js';
import { readMessageEntries } from '../../../../src/transcript/messages/messages.js';
import { anyTranscript, damagedTranscript } from '../../../support/arbitrary-transcript.js';
import { promptLine } from '../../../support/transcripts.js';
import { temporaryFolder } from '../../../support/temporary.js';

const folder = temporaryFolder('message-json');
const path = join(folder, 'transcript.jsonl');

/** Returns every message of the transcript as JSON, together with the message itself. */
function printed(bytes: Buffer | string, depth: number | null): { json: string; message: object }[] {
  writeFileSync(path, bytes);
  return Array.from(readMessageEntries(path, { which: 'all' }), (item) => ({
    json: Array.from(messageJson(item, depth)).join(''),
    message: item.message,
  }));
}

describe('a message as JSON', () => {
  test.each([
    ['whole', anyTranscript],
    ['damaged', damagedTranscript],
  ])('is the message, on one line or indented, in a %s transcript', (_, transcripts) => {
    fc.assert(
      fc.property(transcripts, (bytes) => {
        for (const { json, message } of printed(bytes, null))
          expect(JSON.parse(json)).toEqual(JSON.parse(toJson(message, false)));
        for (const { json, message } of printed(bytes, 2))
          expect(JSON.parse(json)).toEqual(JSON.parse(toJson(message, false)));
      }),
      { numRuns: 300 },
    );
  });

  test('is indented as JSON.stringify does it', () => {
    const content = [
      { type: 'text', text: 'a\nb' },
      { type: 'tool_use', input: { list: [], empty: {}, deep: [[1], { a: null }], 'k"': true } },
    ];
    const [found] = printed(promptLine('', { message: { role: 'user', content } }), 1);
    expect(found?.json).toBe(toJson(found?.message, true).replaceAll('\n', '\n  '));
  });

  test('has its content as Claude Code wrote it, with the same numbers, escapes and order', () => {
    const text = String.raw`"\u00e9\/\ud83d\ude00 "`;
    const content = `[{"type":"text","text":${text},"2":1,"1":12345678901234567890,"big":1e400,"exact":1.0}]`;
    const [found] = printed(
      `{"type":"user","uuid":"u","parentUuid":null,"message":{"role":"user","content":${content}}}\n`,
      null,
    );
    expect(found?.json).toContain(`"content":${content}`);
  });

  test('of many bytes is the same, although it is streamed', () => {
    const text = 'a "long" text\n'.repeat(200_000);
    for (const content of [
      text,
      [{ type: 'text', text }, { type: 'text', text: '' }, { type: 'image' }, { type: 'text', text: 'end' }],
    ]) {
      const [found] = printed(promptLine('', { message: { role: 'user', content } }) + promptLine('next'), null);
      expect(JSON.parse(found?.json ?? '')).toEqual(found?.message);
    }
  });

  test('of any depth is printed, indented no deeper than a screen has room for', () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const message = `{"role":"user","content":[${deep}]}`;
    const entry = `{"type":"user","uuid":"u","parentUuid":null,"message":${message},"x":${deep}}\n`;
    expect(printed(entry, null)[0]?.json).toContain(`"content":[${deep}]`);
    const [indented] = printed(entry, 2);
    expect(indented?.json.replace(/\s/g, '')).toBe(printed(entry, null)[0]?.json);
    expect(indented?.json.length).toBeLessThan(3 * deep.length);
  });
});

describe('JSON as it was written', () => {
  const text = fc.array(
    fc.constantFrom(
      'a',
      'é',
      '請',
      '😀',
      '\\\\',
      '\\"',
      '\\n',
      '\\u00e9',
      '\\ud83d',
      '\\ude00',
      '\\uD83D\\uDE00',
      '\u200b',
      '\u{e0041}',
      '\u009b',
    ),
    { maxLength: 40 },
  );

  test('is the same however its bytes are divided, and safe to print', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
        (texts, sizes) => {
          const json = `[${texts.map((units) => `"${units.join('')}"`).join(',\t\r\n')}]`;
          const bytes = Buffer.from(json);
          const pieces: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 1)
            pieces.push(bytes.subarray(at, at + (sizes.next().value ?? 1)));
          const printedWhole = Array.from(rawJson([bytes])).join('');
          expect(Array.from(rawJson(pieces)).join('')).toBe(printedWhole);
          expect(JSON.parse(printedWhole)).toEqual(
            (JSON.parse(json) as string[]).map((one) => Buffer.from(one).toString()),
          );
          expect(printedWhole).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u{e0041}]/u);
          expect(Array.from(indentedJson(rawJson(pieces), 0)).join('')).toBe(
            Array.from(indentedJson([printedWhole], 0)).join(''),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
