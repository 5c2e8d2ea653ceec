import type { RegexpTerm, SearchQuery, Term, TextTerm } from '../query/model.js';
import { fold } from '../query/fold.js';

/** Two bytes that follow each other; a mask is OR-ed to a byte of the text before it is compared. */
export interface BytePair {
  first: number;
  firstMask: number;
  second: number;
  secondMask: number;
}

/** Bytes that every JSON text with a term holds, unless it hides them in escapes (`\u0061`). */
export interface Literal {
  /** At least one of these pairs is in the text. */
  pairs: readonly BytePair[];
  /** The text around the pair, at most 64 bytes, if there is one pair only; lower-case unless `isExact`. */
  pattern: string;
  /** Position of the pair in the pattern. */
  at: number;
  isExact: boolean;
  /** Estimated frequency, for choosing among several; smaller is rarer. */
  frequency: number;
}

const MAX_PATTERN = 64;
const MAX_PAIRS = 8;
/** Minimum length of a rare run of ASCII; shorter ones are in most texts. */
const MIN_COMPARED = 4;
/** Estimated frequency of a pair that few texts have. */
const RARE_PAIR = 0.0003;
const ANY = 0xff;
/**
 * ASCII characters that a text may hold in another form: escaped in JSON, or as another character (`K`, `;` and the
 * grave accent by composition, `k` and `s` by case folding), or not at all (`!`, which stands for the tag of a shell
 * line).
 */
const AMBIGUOUS = '"\\/;`KkSs!';
/** Characters of transcripts, the most frequent first. */
const FREQUENT = ' etaoinsr"l:,d0c1u2m4p5-3f8h6g79/b_.v\\ywkx{}()q=jz';

/**
 * The rarest literal of a query's terms, and its term; null if none has one. Literals beyond ASCII are rare, but have
 * several forms, so they are used only if the ASCII literals of all terms are common.
 */
export function rarestLiteral({ terms }: SearchQuery): { literal: Literal; term: Term } | null {
  const ascii = rarestOf(terms, asciiLiteralOf);
  return ascii !== null && isRare(ascii.literal) ? ascii : (rarestOf(terms, otherLiteralOf) ?? ascii);
}

function rarestOf(
  terms: readonly Term[],
  literalOf: (term: Term) => Literal | null,
): { literal: Literal; term: Term } | null {
  let best: { literal: Literal; term: Term } | null = null;
  for (const term of terms) {
    const literal = literalOf(term);
    if (literal !== null && (best === null || literal.frequency < best.literal.frequency)) best = { literal, term };
  }
  return best;
}

/** False if the characters that are compared, up to the nearest ones beyond ASCII, are in most texts. */
function isRare({ pattern, at, frequency }: Literal): boolean {
  const end = pattern.indexOf('\0', at);
  const length = (end < 0 ? pattern.length : end) - (pattern.lastIndexOf('\0', at) + 1);
  return length >= MIN_COMPARED || frequency <= RARE_PAIR;
}

function asciiLiteralOf(term: Term): Literal | null {
  return term.kind === 'regexp' ? literalOfRegexp(term) : asciiLiteral(term.folded, term.isExact);
}

function otherLiteralOf(term: Term): Literal | null {
  return term.kind === 'regexp' ? null : otherLiteral(term);
}

function asciiLiteral(text: string, isExact: boolean): Literal | null {
  let best: Literal | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const [first = '', second = ''] = [text[at], text[at + 1]];
    if (!isPlain(first)) continue;
    const isPair = isPlain(second);
    const frequency = frequencyOf(first) * (isPair ? frequencyOf(second) : 1);
    if (best !== null && best.frequency <= frequency) continue;
    const pair = { ...byteOf(first, isExact), ...secondOf(isPair ? byteOf(second, isExact) : null) };
    const start = Math.max(0, at - MAX_PATTERN / 2);
    // Characters beyond ASCII count as one unknown byte each: the comparison ends there.
    const pattern = text.slice(start, start + MAX_PATTERN).replace(/[^\0-\x7f]/g, '\0');
    best = { pairs: [pair], pattern, at: at - start, isExact, frequency };
  }
  return best;
}

function isPlain(char: string): boolean {
  return char > ' ' && char <= '~' && !AMBIGUOUS.includes(char);
}

function byteOf(char: string, isExact: boolean): { first: number; firstMask: number } {
  const isLetter = /[a-z]/.test(char);
  return { first: char.charCodeAt(0), firstMask: isLetter && !isExact ? 0x20 : 0 };
}

function secondOf(byte: { first: number; firstMask: number } | null): { second: number; secondMask: number } {
  return byte === null ? { second: ANY, secondMask: ANY } : { second: byte.first, secondMask: byte.firstMask };
}

/** Returns an estimate of the frequency of a text, by those of its characters. */
export function frequencyOf(text: string): number {
  let frequency = 1;
  for (const char of text.toLowerCase()) {
    const rank = FREQUENT.indexOf(char);
    frequency *= rank < 0 ? 0.003 : 1 / (8 + 2 * rank);
  }
  return frequency;
}

/** Returns the UTF-8 forms of the first character beyond ASCII that has at most `MAX_PAIRS` of them. */
function otherLiteral({ folded, isExact }: TextTerm): Literal | null {
  for (const char of folded) {
    if (char <= '\x7f') continue;
    const pairs = formsOf(char, isExact);
    if (pairs.length > 0 && pairs.length <= MAX_PAIRS)
      return { pairs, pattern: '', at: 0, isExact: true, frequency: 0.001 * pairs.length };
  }
  return null;
}

/** Returns pairs of bytes. Every text whose folded form contains the character has at least one of them. */
function formsOf(char: string, isExact: boolean): BytePair[] {
  const ends = new Set<string>();
  const forms = [...foldablePoints()]
    .map((point) => String.fromCodePoint(point))
    .filter((form) => fold(form, isExact).includes(char));
  for (const form of [char, ...forms]) {
    ends.add(lastBytes(form));
    // The decomposed form has at least one of its marks.
    for (const mark of [...form.normalize('NFD')].slice(1)) ends.add(lastBytes(mark));
  }
  if (ends.size === 0 || [...ends].includes('')) return [];
  return [...ends].map((two) => ({
    first: two.charCodeAt(0),
    firstMask: 0,
    second: two.charCodeAt(1),
    secondMask: 0,
  }));
}

/** Ranges of characters that no other character folds to or is composed of. */
const ALONE: readonly (readonly [number, number])[] = [
  [0x3400, 0xa000],
  [0xac00, 0xd7a4],
  [0xd800, 0xf900],
  [0x1f000, 0x2f800],
];

/** Characters beyond ASCII that may be a form of another one. */
function* foldablePoints(): Generator<number> {
  for (let point = 0x80; point < 0x2fa20; point += 1) {
    point = ALONE.find(([start, end]) => point >= start && point < end)?.[1] ?? point;
    yield point;
  }
}

/** The last two bytes of a character in UTF-8, one character each; '' for one byte. */
function lastBytes(char: string): string {
  const bytes = Buffer.from(char).toString('latin1');
  return bytes.length < 2 ? '' : bytes.slice(-2);
}

function literalOfRegexp(term: RegexpTerm): Literal | null {
  const text = requiredText(term);
  const isExact = !term.flags.includes('i');
  // `İ` in lower case would contain an `i` that the text does not have.
  const lower = isExact ? text : text?.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return lower === undefined || lower === null ? null : asciiLiteral(lower, isExact);
}

/**
 * Returns the longest text that every match of an expression contains, as far as a simple analysis shows; null for
 * none.
 */
export function requiredText({ source, flags, engine }: RegexpTerm): string | null {
  if (source.includes('|') || flags.includes('v')) return null;
  // RE2 reads some syntax in another way: flags in the expression, nested classes, and classes that begin with a
  // bracket.
  if (engine === 're2' && /\(\?|\[:|\[\^?\]/.test(source)) return null;
  const runs: string[] = [];
  let run = '';
  let depth = 0;
  const end = (): void => {
    runs.push(run);
    run = '';
  };
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? '';
    const next = source[at + 1] ?? '';
    if (char === '[') {
      end();
      for (at += 1; at < source.length && source[at] !== ']'; at += 1) if (source[at] === '\\') at += 1;
    } else if (char === '(' || char === ')') {
      end();
      depth += char === '(' ? 1 : -1;
    } else if (char === '*' || char === '?' || char === '{') {
      run = run.slice(0, -1);
      end();
      const count = /^\{\d*,?\d*\}/.exec(source.slice(at))?.[0];
      if (char === '{' && count === undefined) return null;
      at += char === '{' ? (count ?? '').length - 1 : 0;
    } else if (char === '\\' && /[^\w]/.test(next)) {
      if (depth === 0) run += next;
      at += 1;
    } else if (char === '\\') {
      end();
      // Other escapes may be of any length (`\u0041`, `\k<name>`): the rest is left out.
      if (!/[bBdDwWsSnrtfv]/.test(next)) break;
      at += 1;
    } else if ('.^$+'.includes(char)) end();
    else if (depth === 0) run += char;
  }
  end();
  return runs.reduce((a, b) => (b.length > a.length ? b : a), '') || null;
}
