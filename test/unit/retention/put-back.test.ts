import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putBack } from '../../../src/retention/restore/put-back.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = (): string => temporaryFolder('put-back');

test('a transcript whose path is now a link keeps its bytes', () => {
  const root = folder();
  writeFileSync(join(root, '0'), 'all that was said\n');
  symlinkSync('elsewhere', join(root, 'one.jsonl'));
  expect(() => putBack(join(root, '0'), join(root, 'one.jsonl'))).toThrow('it exists');
  expect(readFileSync(join(root, '0'), 'utf8')).toBe('all that was said\n');
});

test('a folder whose path is now a file keeps its content', () => {
  const root = folder();
  mkdirSync(join(root, '0', 'tool-results'), { recursive: true });
  mkdirSync(join(root, 'one'));
  writeFileSync(join(root, '0', 'tool-results', 'a.txt'), 'output');
  writeFileSync(join(root, 'one', 'tool-results'), '');
  expect(() => putBack(join(root, '0'), join(root, 'one'))).toThrow('it exists');
  expect(readdirSync(join(root, '0', 'tool-results'))).toEqual(['a.txt']);
});

test('of two versions of a file that is not a transcript, the later one is kept', () => {
  const root = folder();
  writeFileSync(join(root, '0'), 'before');
  writeFileSync(join(root, 'custom-title.json'), 'after');
  putBack(join(root, '0'), join(root, 'custom-title.json'));
  expect(readdirSync(root)).toEqual(['custom-title.json']);
  expect(readFileSync(join(root, 'custom-title.json'), 'utf8')).toBe('after');
});

test('remainders are appended in order, even if a kill left a gap in their numbers, and a new one is last', () => {
  const root = folder();
  writeFileSync(join(root, 'one.jsonl'), 'first\n');
  writeFileSync(join(root, '0.ccsess-rest-2'), 'third\n');
  writeFileSync(join(root, '0.ccsess-rest-10'), 'fourth\n');
  writeFileSync(join(root, '0.ccsess-rest-1'), 'second\n');
  putBack(join(root, '0'), join(root, 'one.jsonl'));
  expect(readFileSync(join(root, 'one.jsonl'), 'utf8')).toBe('first\nsecond\nthird\nfourth\n');
  expect(readdirSync(root)).toEqual(['one.jsonl']);
});

test('a file with the longest possible name is put back', () => {
  const root = folder();
  const name = `${'n'.repeat(249)}.jsonl`;
  mkdirSync(join(root, '0'));
  mkdirSync(join(root, 'there'));
  writeFileSync(join(root, '0', name), 'text\n');
  putBack(join(root, '0'), join(root, 'there'));
  expect(readdirSync(join(root, 'there'))).toEqual([name]);
});
