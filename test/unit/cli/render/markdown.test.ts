import { Chalk } from 'chalk';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownLayout } from '../../../../src/cli/render/markdown/markdown.js';
import { widthOf } from '../../../../src/cli/render/text/width.js';
import { IN_COLUMNS } from '../../../../src/cli/render/text/wrap.js';
import { rounds } from '../../../support/rounds.js';

const plain = markdownLayout(new Chalk({ level: 0 }), IN_COLUMNS);
const colored = markdownLayout(new Chalk({ level: 1 }), IN_COLUMNS);
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

function lines(text: string, width = 60): string[] {
  return plain(text, width);
}

describe('Markdown on a terminal', () => {
  it('leaves out the marks of headings and emphasis, and keeps those of code without colours', () => {
    expect(lines('# Why\n\nIt **is** _so_ in `main.ts`, ~~not~~ there.')).toEqual([
      'Why',
      '',
      'It is so in `main.ts`, not there.',
    ]);
  });

  it('styles headings, emphasis and code', () => {
    expect(colored('## Why\nIt **is** `x`', 60)).toEqual([bold('Why'), `It ${bold('is')} \u001b[36mx\u001b[39m`]);
  });

  it('keeps a style over the lines it is broken into', () => {
    expect(colored('**one two three four five**', 16)).toEqual([bold('one two three'), bold('four five')]);
  });

  it('keeps the line breaks of a paragraph', () => {
    expect(lines('one\ntwo\n\nthree')).toEqual(['one', 'two', '', 'three']);
  });

  it('aligns lists below their marks', () => {
    expect(lines('- one two three four five\n  - deeper\n- [x] done\n- [ ] open\n\n9. nine\n10. ten', 20)).toEqual([
      '• one two three four',
      '  five',
      '  • deeper',
      '• [x] done',
      '• [ ] open',
      '',
      ' 9. nine',
      '10. ten',
    ]);
  });

  it('indents code and leaves Markdown in it alone', () => {
    expect(lines('```\na **b**\n  c\n```\nafter')).toEqual(['  a **b**', '    c', 'after']);
  });

  it('colours code of known languages, and no other', () => {
    expect(colored('```ts\nconst a = 1; // x\n```', 60)).toEqual([
      '  \u001b[35mconst\u001b[39m a = \u001b[36m1\u001b[39m; \u001b[2m// x\u001b[22m',
    ]);
    expect(colored('```klingon\nconst a = 1;\n```', 60)).toEqual(['  const a = 1;']);
    expect(colored('```constructor\nconst a = 1;\n```', 60)).toEqual(['  const a = 1;']);
  });

  it('draws tables in columns, and wraps cells that are too wide', () => {
    expect(lines('| name | n |\n|---|--:|\n| one | 1 |\n| 漢字 | 22 |')).toEqual([
      'name │  n',
      '─────┼───',
      'one  │  1',
      '漢字 │ 22',
    ]);
    expect(lines('| a | b |\n|---|---|\n| one two three four | x |', 17)).toEqual([
      'a             │ b',
      '──────────────┼──',
      'one two three │ x',
      'four          │',
    ]);
  });

  it('lists the rows of a table that has no room', () => {
    const cells = ['a', 'b', 'c', 'd'];
    const table = `|${cells.join('|')}|\n|-|-|-|-|\n|1|2|3|4|\n|5|6|7|8|`;
    expect(lines(table, 18)).toEqual(['a: 1', 'b: 2', 'c: 3', 'd: 4', '', 'a: 5', 'b: 6', 'c: 7', 'd: 8']);
  });

  it('marks quotes and rules, and shows where links lead', () => {
    expect(lines('> one\n> > two\n\n---\n[text](https://example.com) <https://example.com>')).toEqual([
      '│ one',
      '│ │ two',
      '',
      '─'.repeat(40),
      'text (https://example.com) https://example.com',
    ]);
  });

  it('prints HTML as it is written, and the characters that entities stand for', () => {
    expect(lines('a <b>c</b> &lt;d&gt; &amp; x')).toEqual(['a <b>c</b> <d> & x']);
  });

  it('removes control characters everywhere', () => {
    const hostile =
      '# \u001b[2Ja\n- \u009b31mb\n\n`\u001b]0;x\u0007c`\n\n```ts\n\u001b[8mconst\u202e\n```\n|\u001b[1ma|\n|-|\n' +
      '|b\u200b|\n\n&#27;[2J &#x9b;1m [&#27;](&#27;) **&#7;**';
    // oxlint-disable-next-line no-control-regex
    expect(lines(hostile).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
  });

  it.each([
    ['quotes', '>'.repeat(20_000)],
    ['lists', '- '.repeat(10_000)],
    ['brackets', '['.repeat(20_000)],
  ])('shows text that is nested deeper than the stack: %s', (_, text) => {
    expect(lines(text, 80).length).toBeGreaterThan(0);
  });

  it('shows a text that is too long to be laid out as it is written', () => {
    expect(lines(`**a** ${'x '.repeat(20_000)}`, 80)[0]).toMatch(/^\*\*a\*\* x x/);
  });

  it('of any text is at most as wide as the screen, and has all its words', () => {
    const word = fc.constantFrom('word', '漢字', '`code`', '**bold**', '_it_', '[a](b)', 'verylongwordwithoutanyspace');
    const start = fc.constantFrom('', '# ', '- ', '1. ', '> ', '```\n', '| ', '  ', '    ', '\n');
    const line = fc.tuple(start, fc.array(word, { maxLength: 12 })).map(([head, words]) => head + words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.integer({ min: 40, max: 100 }), (parts, width) => {
        const text = parts.join('\n');
        const laid = plain(text, width);
        expect(Math.max(0, ...laid.map(widthOf))).toBeLessThanOrEqual(width);
        const letters = (some: string): string => some.replace(/[^a-z漢字]/g, '');
        expect(letters(laid.join(''))).toBe(letters(text));
      }),
      { numRuns: rounds(200) },
    );
  });
});
