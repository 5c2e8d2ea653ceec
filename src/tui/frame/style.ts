const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** Colours of a terminal: 0 none, 1 sixteen, 2 two hundred and fifty-six, 3 all. */
export type ColorDepth = 0 | 1 | 2 | 3;

/** Colours of the terminal's palette, which the user has chosen for a light or dark background. */
export type ColorName = (typeof NAMES)[number] | `bright-${(typeof NAMES)[number]}`;

/** A colour by name, by its number among 256, or as red, green and blue from 0 to 255. */
export type Color = ColorName | number | readonly [red: number, green: number, blue: number];

/** Attributes of text on a screen; absent ones are off. */
export interface Style {
  foreground?: Color;
  background?: Color;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
  strikethrough?: boolean;
}

/** A part of a row in one style. */
export interface Span {
  text: string;
  style?: Style;
}

/** One row of a frame. */
export type Row = readonly Span[];

/** Parameters of the escape sequence (SGR) that turns on a style after a reset: `1;36`; empty for plain text. */
export function sgrOf(style: Style | undefined, colors: ColorDepth): string {
  if (style === undefined) return '';
  const codes: (number | string)[] = [];
  if (style.bold === true) codes.push(1);
  if (style.dim === true) codes.push(2);
  if (style.italic === true) codes.push(3);
  if (style.underline === true) codes.push(4);
  if (style.inverse === true) codes.push(7);
  if (style.strikethrough === true) codes.push(9);
  if (style.foreground !== undefined) codes.push(colorCode(style.foreground, 30, colors));
  if (style.background !== undefined) codes.push(colorCode(style.background, 40, colors));
  return codes.filter((code) => code !== '').join(';');
}

/** The code of a colour; `base` is 30 for the foreground, 40 for the background. Empty if it cannot be shown. */
function colorCode(color: Color, base: 30 | 40, colors: ColorDepth): number | string {
  if (colors === 0) return '';
  if (typeof color === 'string') {
    const isBright = color.startsWith('bright-');
    return base + (isBright ? 60 : 0) + NAMES.findIndex((name) => color.endsWith(name));
  }
  if (typeof color === 'number') {
    if (color < 8) return base + color;
    if (color < 16) return base + 60 + color - 8;
    return colors === 1 ? '' : `${base + 8};5;${color}`;
  }
  if (colors === 3) return `${base + 8};2;${color.join(';')}`;
  return colors === 1 ? '' : `${base + 8};5;${nearestOf256(color)}`;
}

function nearestOf256([red, green, blue]: readonly [number, number, number]): number {
  const step = (value: number): number => Math.round((value / 255) * 5);
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}
