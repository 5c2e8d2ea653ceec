import { Chalk } from 'chalk';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { renderTable, type Column } from '../../../../src/cli/render/text/table.js';
import { columnWidths } from '../../../../src/cli/render/column-widths.js';
import { joinFitting, wrapLine } from '../../../../src/cli/render/text/wrap.js';

interface Row {
  name: string;
  path: string;
  count: number;
}

const ROWS: Row[] = [
  { name: 'Fix the race in the journal', path: '/home/me/work/clients/acme', count: 7 },
  { name: '請求書を直す', path: '/srv', count: 1234 },
];
const NAME: Column<Row> = { heading: 'NAME', cell: ({ name }) => name, shrink: 'end', share: 3, minWidth: 8 };
const PATH: Column<Row> = { heading: 'PATH', cell: ({ path }) => path, shrink: 'start', share: 2 };
const COUNT: Column<Row> = { heading: 'COUNT', align: 'right', cell: ({ count }) => String(count) };

const plain = (width: number): { width: number; color: InstanceType<typeof Chalk> } => ({
  width,
  color: new Chalk({ level: 0 }),
});

describe('a table', () => {
  test('is as wide as its cells where there is room, with a margin for signs', async () => {
    const lines = await renderTable([NAME, PATH, COUNT], ROWS, plain(100), ({ count }) =>
      count > 1000 ? { text: '!' } : null,
    );
    expect(lines).toEqual([
      '  NAME                         PATH                        COUNT',
      '  Fix the race in the journal  /home/me/work/clients/acme      7',
      '! 請求書を直す                 /srv                         1234',
    ]);
  });

  test('cuts the columns that may shrink, each at its side and by its share', async () => {
    expect(await renderTable([NAME, PATH, COUNT], ROWS, plain(44), () => null)).toEqual([
      '  NAME                  PATH           COUNT',
      '  Fix the race in the…  …clients/acme      7',
      '  請求書を直す          /srv            1234',
    ]);
  });

  test('omits columns that do not fit, and those with the same value in each row', async () => {
    const rows = ROWS.map((row) => ({ ...row, name: 'same' }));
    const columns: Column<Row>[] = [{ ...NAME, hideIfSame: true }, { ...PATH, from: 60 }, COUNT];
    expect((await renderTable(columns, rows, plain(59)))[0]).toBe('  COUNT');
    expect((await renderTable(columns, rows, plain(60)))[0]).toMatch(/^ {2}PATH +COUNT$/);
    expect((await renderTable(columns, rows.slice(0, 1), plain(60)))[0]).toMatch(/^ {2}NAME +PATH +COUNT$/);
  });

  test('lets a cell shorten itself, and colours the shortened text', async () => {
    const quoted: Column<Row> = {
      ...NAME,
      color: (text) => `<${text}>`,
      cell: ({ name }) => ({ text: `“${name}”`, fit: (width) => ({ text: `“${name.slice(0, width - 2)}”` }) }),
    };
    const [, line] = await renderTable([quoted], ROWS.slice(0, 1), plain(14));
    expect(line).toBe('  <“Fix the ra”>');
  });

  test('keeps figures apart from right-to-left text before them', async () => {
    const row = { name: 'תיקון', path: '/home/dev/יומן', count: 12 };
    expect(await renderTable([PATH, COUNT, NAME], [row], plain(60))).toEqual([
      '  PATH            COUNT  NAME',
      '  /home/dev/יומן\u200e     12  תיקון',
    ]);
  });

  test('of more than a hundred rows has columns of one width', async () => {
    const rows = Array.from({ length: 250 }, (_, at) => ({ name: 'x'.repeat(at % 9), path: '', count: at }));
    const lines = await renderTable([NAME, COUNT], rows, plain(80));
    expect(lines).toHaveLength(251);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([2 + 8 + 2 + 5]));
  });

  test('fits every screen that has room for its minimum, whatever its cells hold', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '請', '👩‍👩‍👧', ' '), maxLength: 40 });
    const rows = fc.array(fc.record({ name: cell, path: cell, count: fc.nat() }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 38, max: 120 }), async (some, width) => {
        for (const line of await renderTable([NAME, PATH, COUNT], some, plain(width)))
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('column widths', () => {
  const range = fc
    .record({
      min: fc.integer({ min: 1, max: 30 }),
      more: fc.integer({ min: 0, max: 60 }),
      share: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ min, more, share }) => ({ min, max: min + more, share }));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

  test('are between minimum and maximum, and fill the room unless every column has its maximum', () => {
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        (ranges, width) => {
          const widths = columnWidths(ranges, width, 2);
          const room = width - 2 * (ranges.length - 1);
          ranges.forEach(({ min, max }, at) => {
            expect(widths[at]).toBeGreaterThanOrEqual(min);
            expect(widths[at]).toBeLessThanOrEqual(max);
          });
          const least = sum(ranges.map(({ min }) => min));
          const most = sum(ranges.map(({ max }) => max));
          expect(sum(widths)).toBe(Math.min(most, Math.max(least, room)));
        },
      ),
    );
  });

  test('are shared by weight', () => {
    const long = { min: 4, max: 100 };
    expect(
      columnWidths(
        [
          { ...long, share: 3 },
          { ...long, share: 2 },
        ],
        52,
        2,
      ),
    ).toEqual([30, 20]);
    expect(
      columnWidths(
        [
          { ...long, share: 3 },
          { min: 4, max: 10, share: 2 },
        ],
        52,
        2,
      ),
    ).toEqual([40, 10]);
  });
});

describe('a sentence', () => {
  test('is wrapped between words; a path too long for a line is broken after a /', () => {
    expect(wrapLine('Moved 3 sessions, 4.1 MiB, to the trash.', 20)).toEqual([
      'Moved 3 sessions,',
      '4.1 MiB, to the',
      'trash.',
    ]);
    expect(wrapLine('  file  ~/.claude/projects/-home-me-code-api/c8e4d1f0.jsonl', 40)).toEqual([
      '  file  ~/.claude/projects/',
      '  -home-me-code-api/c8e4d1f0.jsonl',
    ]);
    expect(wrapLine('in /a/path/that/fits', 18)).toEqual(['in', '/a/path/that/fits']);
    expect(wrapLine('ab c', -1)).toEqual(wrapLine('ab c', 1));
  });

  test('loses nothing but spaces, and fits', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '/', '-', '請', 'é'), minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.integer({ min: 4, max: 60 }), (words, width) => {
        const lines = wrapLine(words.join(' '), width);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('of segments is broken between them', () => {
    expect(joinFitting(['one', 'two', 'three'], 9)).toEqual(['one · two', 'three']);
  });
});
