/** A private character in place of the capital I with a dot, whose lower case has two characters. */
const DOTTED_I = '\u{f0130}';
/**
 * Letters that stay different in lower case but are equal in case folding (Unicode, CaseFolding.txt). `ſ` and `ß`
 * become ASCII, which `literal.ts` takes into account.
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
/** One piece, at a position. */
const PIECE = new RegExp(PIECES.source, 'uy');

/** Returns true for a text of ASCII characters alone. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/**
 * Returns a text in the form in which texts are compared: accents composed (NFC) and, unless `isExact`, without case.
 */
export function fold(text: string, isExact: boolean): string {
  if (isAscii(text)) return isExact ? text : text.toLowerCase();
  const composed = text.normalize('NFC');
  if (isExact) return composed;
  return composed
    .replaceAll('\u0130', DOTTED_I)
    .toLowerCase()
    .replace(FOLDABLE, (letter) => FOLDED[letter] ?? letter);
}

/** Letters that folding makes longer. */
const GROWING = /[\u00df\u0130\u1e9e]/;
/** Runs of characters beyond ASCII, with the ASCII character before them, to which marks at their start belong. */
const BEYOND_ASCII = /[\0-\x7f]?[^\0-\x7f]+/g;
/** Characters that may belong to the piece before them. */
const FOLLOWING = /^[\p{M}\u1100-\u11ff]$/u;

/** Translates positions in a folded text into positions in the text itself. */
export class FoldedPositions {
  readonly #text: string;
  /** Pieces whose folded form may have another length, and the ASCII between them; null if all positions are equal. */
  readonly #pieces: { folded: number; start: number; isAscii: boolean }[] | null;
  #last: readonly [start: number, end: number] = [0, 0];

  constructor(text: string, isExact: boolean) {
    this.#text = text;
    const isEqual = isAscii(text) || ((isExact || !GROWING.test(text)) && text.normalize('NFC') === text);
    this.#pieces = isEqual ? null : [{ folded: 0, start: 0, isAscii: true }];
    if (this.#pieces === null) return;
    let folded = 0;
    let start = 0;
    for (const { 0: run, index } of text.matchAll(BEYOND_ASCII)) {
      folded += index - start;
      start = index;
      for (const [piece] of run.matchAll(PIECES)) {
        this.#pieces.push({ folded, start, isAscii: false });
        start += piece.length;
        folded += fold(piece, isExact).length;
      }
      this.#pieces.push({ folded, start, isAscii: true });
    }
  }

  /** The start of the piece that a position is in. */
  start(position: number): number {
    return this.#pieceOf(position)[0];
  }

  /** The end of the piece that the character before a position is in. */
  end(position: number): number {
    return position === 0 ? 0 : this.#pieceOf(position - 1)[1];
  }

  #pieceOf(position: number): readonly [start: number, end: number] {
    if (this.#pieces === null) return this.#pieceAround(position);
    let low = 0;
    let high = this.#pieces.length - 1;
    // A piece that folds to nothing has the position of the next one, so the last piece there is the right one.
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.folded ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const { folded, start, isAscii: isOneByOne } = this.#pieces[low] ?? { folded: 0, start: 0, isAscii: true };
    if (!isOneByOne) return [start, this.#pieces[low + 1]?.start ?? this.#text.length];
    const at = Math.min(start + position - folded, this.#text.length);
    return [at, Math.min(at + 1, this.#text.length)];
  }

  /** Returns the piece at a position of the text, counted from the nearest character that is certain to begin one. */
  #pieceAround(position: number): readonly [start: number, end: number] {
    const text = this.#text;
    if (position >= this.#last[0] && position < this.#last[1]) return this.#last;
    let at = position;
    while (at > 0 && mayFollow(text, at)) at -= 1;
    PIECE.lastIndex = at;
    for (;;) {
      const piece = PIECE.exec(text)?.[0] ?? '';
      if (piece === '') return [position, position];
      if (at + piece.length > position) return (this.#last = [at, at + piece.length]);
      at += piece.length;
    }
  }
}

/** True if the code unit at a position may belong to the piece before it. */
function mayFollow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return false;
  if (unit >= 0xdc00 && unit <= 0xdfff) return true;
  return FOLLOWING.test(String.fromCodePoint(text.codePointAt(at) ?? 0));
}
