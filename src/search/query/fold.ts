/** A code unit that stands for the capital I with a dot: lower-cased, it would become two characters. */
const DOTTED_I = '\u{f0130}';
/**
 * Letters that lower case leaves apart and case folding (Unicode, CaseFolding.txt) joins. `ſ` and `ß` become ASCII,
 * which `literal.ts` takes into account.
 */
const FOLDED: Readonly<Record<string, string>> = {
  ſ: 's',
  ß: 'ss',
  ς: 'σ',
  '\u00b5': '\u03bc',
  ϐ: 'β',
  ϑ: 'θ',
  ϕ: 'φ',
  ϖ: 'π',
  ϰ: 'κ',
  ϱ: 'ρ',
  ϵ: 'ε',
  ẛ: 'ṡ',
};
const FOLDABLE = new RegExp(`[${Object.keys(FOLDED).join('')}]`, 'g');
const ASCII = /^[\0-\x7f]*$/;
/** Pieces of a text that can be folded on their own: a character with its marks, or a run of Hangul parts. */
const PIECES = /[\u1100-\u11ff]+\p{M}*|[\uac00-\ud7a3][\u1100-\u11ff]*\p{M}*|[\s\S]\p{M}*/gu;

/** Returns true for a text of ASCII characters alone. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** A text in the form in which texts are compared: accents composed (NFC) and, unless `isExact`, without case. */
export function fold(text: string, isExact: boolean): string {
  if (isAscii(text)) return isExact ? text : text.toLowerCase();
  const composed = text.normalize('NFC');
  if (isExact) return composed;
  return composed
    .replaceAll('\u0130', DOTTED_I)
    .toLowerCase()
    .replace(FOLDABLE, (letter) => FOLDED[letter] ?? letter);
}

/** Translates positions in a folded text into positions in the text itself. */
export class FoldedPositions {
  /** Starts of the pieces, in the folded text and in the text; one more for the end. Null: they are the same. */
  readonly #folded: number[] | null;
  readonly #original: number[];

  constructor(text: string, isExact: boolean) {
    this.#original = [];
    this.#folded = isAscii(text) ? null : [];
    if (this.#folded === null) return;
    let at = 0;
    let foldedAt = 0;
    for (const [piece] of text.matchAll(PIECES)) {
      this.#folded.push(foldedAt);
      this.#original.push(at);
      at += piece.length;
      // ASCII keeps its length, and folding each letter by itself takes long.
      foldedAt += piece.length === 1 && piece < '\x80' ? 1 : fold(piece, isExact).length;
    }
    this.#folded.push(foldedAt);
    this.#original.push(at);
  }

  /** The start of the piece that a position is in. */
  start(position: number): number {
    return this.#folded === null ? position : (this.#original[this.#pieceOf(position, this.#folded)] ?? 0);
  }

  /** The end of the piece that the character before a position is in. */
  end(position: number): number {
    if (this.#folded === null || position === 0) return position;
    const piece = this.#pieceOf(position - 1, this.#folded) + 1;
    return this.#original[piece] ?? this.#original.at(-1) ?? position;
  }

  #pieceOf(position: number, starts: readonly number[]): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    // Pieces that fold to nothing share a start: the last of them holds the character.
    return low;
  }
}
