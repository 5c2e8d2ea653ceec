import {
  KEYPAD_TEXT,
  KEYS_BY_CODE,
  KEYS_BY_LETTER,
  KEYS_BY_NUMBER,
  PLAIN,
  keyName,
  modifiersOf,
  type Modifiers,
} from './key-names.js';

/** The terminal's window gained or lost the focus. */
export interface FocusEvent {
  type: 'focus';
  hasFocus: boolean;
}

/** Meaning of an input sequence: a key, text, the start of a paste, or null for a sequence that is ignored. */
export type SequenceMeaning =
  | { type: 'key'; key: string }
  | { type: 'text'; text: string }
  | { type: 'paste-start' }
  | FocusEvent
  | null;

const RELEASE = 3;
const PASTE_START = 200;
const MODIFIED_OTHER_KEY = 27;

/** Reads `ESC [ parameters letter`. `alt` is set if another ESC came before it. */
export function readControlSequence(parameters: string, final: string, alt = false): SequenceMeaning {
  if (/^[<=>?]/.test(parameters)) return null;
  if (parameters === '' && (final === 'I' || final === 'O')) return { type: 'focus', hasFocus: final === 'I' };
  const fields = parameters.split(';').map((field) => field.split(':').map(Number));
  const first = fields[0]?.[0] ?? 0;
  const [modifierBits = 1, eventType = 1] = fields[1] ?? [];
  if (eventType === RELEASE) return null;
  const modifiers = withAlt(modifiersOf(modifierBits), alt);
  if (final === 'u') return readCode(fields[0] ?? [], modifiers);
  if (final === 'Z') return keyOf('tab', { ...modifiers, shift: true });
  if (final !== '~') return keyOf(KEYS_BY_LETTER[final], modifiers);
  if (first === PASTE_START) return { type: 'paste-start' };
  if (first === MODIFIED_OTHER_KEY) return readCode([fields[2]?.[0] ?? 0], modifiers);
  return keyOf(KEYS_BY_NUMBER[first], modifiers);
}

/** Reads `ESC O letter`, as terminals send arrows and F1 to F4 in application mode. */
export function readShortSequence(letter: string, alt = false): SequenceMeaning {
  const lower = { a: 'up', b: 'down', c: 'right', d: 'left' }[letter];
  if (lower !== undefined) return keyOf(lower, withAlt({ ...PLAIN, ctrl: true }, alt));
  return keyOf(KEYS_BY_LETTER[letter], withAlt(PLAIN, alt));
}

/**
 * Returns the key of a code point in kitty's protocol, `code:shifted:base`. With Ctrl or Alt, a key of another alphabet
 * counts as the key at its position on a US keyboard, so that shortcuts work with every layout.
 */
function readCode(codes: readonly number[], modifiers: Modifiers): SequenceMeaning {
  const [code = 0, shifted = 0, base = 0] = codes;
  const named = KEYS_BY_CODE[code];
  if (named !== undefined) return keyOf(named, modifiers);
  const keypad = KEYPAD_TEXT[code];
  if (keypad === undefined && !isTextCode(code)) return null;
  const isShortcut = modifiers.ctrl || modifiers.alt;
  const character = keypad ?? String.fromCodePoint(isShortcut && isTextCode(base) && code > 127 ? base : code);
  if (modifiers.super) return null;
  if (isShortcut) return keyOf(character, modifiers);
  const upper = isTextCode(shifted) ? String.fromCodePoint(shifted) : character.toUpperCase();
  return { type: 'text', text: modifiers.shift ? upper : character };
}

/** A code point that stands for text: not a control, a surrogate, or a private use code of the protocol. */
function isTextCode(code: number): boolean {
  return code >= 32 && code <= 0x10ffff && (code < 0x7f || code > 0x9f) && !(code >= 0xd800 && code <= 0xf8ff);
}

function keyOf(key: string | undefined, modifiers: Modifiers): SequenceMeaning {
  return key === undefined || modifiers.super ? null : { type: 'key', key: keyName(key, modifiers) };
}

function withAlt(modifiers: Modifiers, alt: boolean): Modifiers {
  return alt ? { ...modifiers, alt: true } : modifiers;
}
