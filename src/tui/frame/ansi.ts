import type { Color, ColorName, Row, Span, Style } from './style.js';

const SEQUENCE = /\u001b\[([\d;]*)m/g;
const NAMES: readonly ColorName[] = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** Turns a line with colour codes (SGR), as chalk writes it, into a row. */
export function rowOfAnsi(line: string): Row {
  const row: Span[] = [];
  let style: Style = {};
  let at = 0;
  const push = (end: number): void => {
    if (end > at) row.push({ text: line.slice(at, end), style });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    push(match.index);
    style = applied(style, (match[1] ?? '').split(';').map(Number));
    at = match.index + match[0].length;
  }
  push(line.length);
  return row;
}

function applied(before: Style, codes: readonly number[]): Style {
  let style: Style = { ...before };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const color = extendedColor(codes, at);
      at += codes[at + 1] === 2 ? 4 : 2;
      if (color !== null) style[code === 38 ? 'foreground' : 'background'] = color;
    } else style = withCode(style, code);
  }
  return style;
}

function extendedColor(codes: readonly number[], at: number): Color | null {
  const [kind, a = 0, b = 0, c = 0] = codes.slice(at + 1);
  if (kind === 5) return a;
  return kind === 2 ? [a, b, c] : null;
}

function withCode(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 22) return { ...style, bold: false, dim: false };
  const attribute = ATTRIBUTES[code % 20];
  if (attribute !== undefined && code < 30) return { ...style, [attribute]: code < 20 };
  const background = (code >= 40 && code < 50) || code >= 100;
  const digit = code % 10;
  const rest: Style = { ...style };
  delete rest[background ? 'background' : 'foreground'];
  const name = NAMES[digit];
  if (code < 30 || code > 107 || digit === 9 || name === undefined) return digit === 9 ? rest : style;
  const color = code >= 90 ? (`bright-${name}` as ColorName) : name;
  return { ...style, [background ? 'background' : 'foreground']: color };
}

/** Attributes by the code that turns them on; 20 more turns them off. */
const ATTRIBUTES: Readonly<Record<number, keyof Style>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strikethrough',
};
