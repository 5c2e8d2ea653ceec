import headless from '@xterm/headless';
import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowOfAnsi } from '../../../src/tui/frame/ansi.js';
import { cellsOf } from '../../../src/tui/frame/cells.js';
import { changesBetween } from '../../../src/tui/frame/diff.js';
import { cutRow, fitRow, restyled, rowOf, rowWidth, spanOf } from '../../../src/tui/frame/row.js';
import { sgrOf, type Row, type Style } from '../../../src/tui/frame/style.js';

const ESC = '\u001b';
const grid = (rows: readonly Row[], columns = 20) => rows.map((row) => cellsOf(row, columns, 3));
const textOf = (row: Row): string => row.map(({ text }) => text).join('');

describe('rows', () => {
  it('are cut between characters, with an ellipsis in the style of the text cut off', () => {
    const row = [spanOf('ab '), spanOf('請求書', { bold: true })];
    expect(rowWidth(row)).toBe(9);
    expect(cutRow(row, 9)).toEqual(row);
    expect(cutRow(row, 8)).toEqual([spanOf('ab '), spanOf('請求…', { bold: true })]);
    expect(cutRow(row, 7)).toEqual([spanOf('ab '), spanOf('請…', { bold: true })]);
    expect(cutRow(row, 0)).toEqual([]);
    expect(textOf(cutRow(rowOf('e\u0301'.repeat(5)), 3))).toBe('e\u0301e\u0301…');
  });

  it('are filled to a width, in a style', () => {
    expect(fitRow(rowOf('abc'), 5, { inverse: true })).toEqual([spanOf('abc'), spanOf('  ', { inverse: true })]);
    expect(textOf(fitRow(rowOf('abcdef'), 4))).toBe('abc…');
  });

  it('take a style on top of their own', () => {
    expect(restyled([spanOf('a', { bold: true }), spanOf('b')], { foreground: 'red' })).toEqual([
      spanOf('a', { bold: true, foreground: 'red' }),
      spanOf('b', { foreground: 'red' }),
    ]);
  });

  it('are made of lines coloured by chalk', () => {
    const chalk = new Chalk({ level: 3 });
    expect(rowOfAnsi(`a${chalk.bold.cyan('b')}${chalk.bgRedBright.dim('c')}d`)).toEqual(
      [
        spanOf('a', {}),
        spanOf('b', { bold: true, foreground: 'cyan' }),
        spanOf('c', { dim: true, background: 'bright-red' }),
        spanOf('d', { bold: false, dim: false }),
      ].map((span) => ({ ...span, style: expect.objectContaining(span.style ?? {}) as Style })),
    );
    expect(rowOfAnsi(chalk.rgb(1, 2, 3)('x'))[0]?.style).toEqual({ foreground: [1, 2, 3] });
    expect(rowOfAnsi(chalk.ansi256(99).underline('x'))[0]?.style).toEqual({ foreground: 99, underline: true });
  });
});

describe('sgrOf', () => {
  it.each<[Style, 0 | 1 | 2 | 3, string]>([
    [{}, 3, ''],
    [{ bold: true, foreground: 'cyan' }, 1, '1;36'],
    [{ bold: true, foreground: 'cyan' }, 0, '1'],
    [{ foreground: 'bright-blue', background: 'black' }, 1, '94;40'],
    [{ background: 236 }, 1, ''],
    [{ background: 236 }, 2, '48;5;236'],
    [{ background: 9 }, 1, '101'],
    [{ foreground: [255, 0, 0] }, 1, ''],
    [{ foreground: [255, 0, 0] }, 2, '38;5;196'],
    [{ foreground: [255, 0, 0] }, 3, '38;2;255;0;0'],
    [{ dim: true, italic: true, underline: true, inverse: true, strikethrough: true }, 0, '2;3;4;7;9'],
  ])('%j with %i colours is %j', (style, colors, sgr) => {
    expect(sgrOf(style, colors)).toBe(sgr);
  });
});

describe('cellsOf', () => {
  const shown = (text: string, columns = 8): string =>
    cellsOf(rowOf(text), columns, 0)
      .map((cell) => cell.text)
      .join('');

  it('leaves out what would control the terminal', () => {
    expect(shown(`a${ESC}[31mb\u0007c\u202ed\u0085e\r\n`, 12)).toBe('a[31mbcde   ');
    expect(shown('a\tb\r\nc')).toBe('a b c   ');
    expect(shown('\u200b\u0301a')).not.toContain('\u200b');
  });

  it('keeps characters whole, and never half of a wide one', () => {
    expect(shown('請求書', 5)).toBe('請求 ');
    expect(cellsOf(rowOf('請求書'), 5, 0).map(({ width }) => width)).toEqual([2, 0, 2, 0, 1]);
    expect(shown('👩‍👩‍👧e\u0301', 4)).toBe('👩‍👩‍👧e\u0301 ');
    expect(shown('\ud800x', 3)).toBe('\ufffdx ');
  });

  it('takes time in proportion to the width of the screen, not to the length of the text', () => {
    expect(cellsOf(rowOf('é'.repeat(10_000_000)), 10, 0)).toHaveLength(10);
  });
});

describe('changesBetween', () => {
  it('is empty if nothing changed', () => {
    expect(changesBetween(grid([rowOf('a漢👩‍👩‍👧')]), grid([rowOf('a漢👩‍👩‍👧')]))).toBe('');
    expect(changesBetween(null, grid([rowOf('   ')]))).toBe('');
  });

  it('writes changed cells only, near ones together', () => {
    const before = grid([rowOf('abcdefghijklmnop')]);
    expect(changesBetween(before, grid([rowOf('abXdeYghijklmnoZ')]))).toBe(`${ESC}[1;3HXdeY${ESC}[1;16HZ`);
  });

  it('erases the end of a row with one sequence', () => {
    expect(changesBetween(grid([rowOf('abcdef')]), grid([rowOf('ab')]))).toBe(`${ESC}[1;3H${ESC}[K`);
  });

  it('writes a style once for the cells that share it', () => {
    const row = [spanOf('ab', { bold: true }), spanOf('c')];
    expect(changesBetween(null, grid([row]))).toBe(`${ESC}[1;1H${ESC}[0;1mab${ESC}[mc`);
  });

  it('positions the cursor again after a character whose width is uncertain', () => {
    expect(changesBetween(null, grid([rowOf('👍x')]))).toBe(`${ESC}[1;1H${ESC}[2K👍${ESC}[3Gx`);
  });

  const text = fc
    .array(fc.constantFrom('a', 'b', ' ', '漢', 'é', '─', '한'), { maxLength: 14 })
    .map((all) => all.join(''));
  const style = fc.constantFrom<Style | undefined>(undefined, { bold: true }, { inverse: true }, { foreground: 'red' });
  const row = fc.array(
    fc.tuple(text, style).map(([content, look]) => spanOf(content, look)),
    { maxLength: 3 },
  );
  const frame = fc.array(row, { minLength: 3, maxLength: 3 });

  it('leaves the terminal with the new frame, whatever was there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        const xterm = new headless.Terminal({ cols: 20, rows: 3, allowProposedApi: true });
        const write = (data: string): Promise<void> => new Promise((resolve) => void xterm.write(data, resolve));
        await write(`${ESC}[?7l`);
        let before: ReturnType<typeof grid> | null = null;
        for (const rows of frames) {
          const after = grid(rows);
          await write(changesBetween(before, after));
          before = after;
          for (const [at, cells] of after.entries()) {
            const line = xterm.buffer.active.getLine(at);
            const pictured = Array.from({ length: 20 }, (_, column) => {
              const cell = line?.getCell(column);
              const isPlain =
                cell === undefined || (cell.isBold() === 0 && cell.isInverse() === 0 && cell.isFgDefault());
              return [cell?.getChars() === '' && cell.getWidth() > 0 ? ' ' : cell?.getChars(), isPlain];
            });
            expect(pictured).toEqual(cells.map(({ text: content, sgr }) => [content, sgr === '']));
          }
        }
        xterm.dispose();
      }),
    );
  });
});
