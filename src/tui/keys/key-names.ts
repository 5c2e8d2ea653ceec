/** Modifier keys of an event. */
export interface Modifiers {
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  /** The Windows or Command key. Keys pressed with it are for the window system, not for programs in a terminal. */
  super: boolean;
}

/** No modifier key. */
export const PLAIN: Modifiers = { ctrl: false, alt: false, shift: false, super: false };

/** Keys by the last letter of `ESC [ … X` and `ESC O X`. */
export const KEYS_BY_LETTER: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  M: 'enter',
};

/** Keys by the number in `ESC [ N ~`. */
export const KEYS_BY_NUMBER: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** Keys by their code in kitty's protocol, `ESC [ N u`, that do not produce text. */
export const KEYS_BY_CODE: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'esc',
  127: 'backspace',
  57414: 'enter',
  57417: 'left',
  57418: 'right',
  57419: 'up',
  57420: 'down',
  57421: 'page-up',
  57422: 'page-down',
  57423: 'home',
  57424: 'end',
  57425: 'insert',
  57426: 'delete',
};

/** Characters of the keypad by their code in kitty's protocol. */
export const KEYPAD_TEXT: Readonly<Record<number, string>> = Object.fromEntries(
  [...'0123456789./*-+'].map((character, at) => [57399 + at, character]),
);

/** Reads the modifier parameter of an escape sequence: 1 plus a bit for each key; lock keys are left out. */
export function modifiersOf(parameter: number): Modifiers {
  const bits = parameter > 0 ? parameter - 1 : 0;
  return {
    shift: (bits & 1) !== 0,
    alt: (bits & (2 | 32)) !== 0,
    ctrl: (bits & 4) !== 0,
    super: (bits & (8 | 16)) !== 0,
  };
}

/** The name of a key with its modifiers, always in the order `ctrl-alt-shift-`: `ctrl-alt-x`, `shift-tab`. */
export function keyName(key: string, { ctrl, alt, shift }: Modifiers): string {
  // Shift is part of a single character, but Ctrl is sent with small letters only.
  const isLetter = [...key].length === 1;
  const base = isLetter ? (ctrl ? key.toLowerCase() : shift ? key.toUpperCase() : key) : key;
  const isShiftNamed = shift && (!isLetter || (ctrl && key.toLowerCase() !== key.toUpperCase()));
  return `${ctrl ? 'ctrl-' : ''}${alt ? 'alt-' : ''}${isShiftNamed ? 'shift-' : ''}${base === ' ' ? 'space' : base}`;
}
