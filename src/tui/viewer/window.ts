import type { ViewerSource, ViewMode, ViewPart } from './source.js';

/** Blocks whose lines are held at once. */
const MAX_HELD = 48;

/** A line of the text: its block, and its position there. */
export interface Position {
  block: number;
  line: number;
}

/** A position that stays valid when blocks change: the part at the top, and the line in it. */
export interface Anchor {
  key: number;
  /** Index of the part among those of its message. */
  nth: number;
  line: number;
}

/** The lines of a block as they are laid out now, and the parts they are made of. */
export interface HeldBlock {
  lines: readonly string[];
  parts: readonly ViewPart[];
}

/** A window over the lines of a source. It makes the blocks it needs and forgets those it has left. */
export class ViewWindow {
  #top: Position = { block: 0, line: 0 };
  #mode: ViewMode;
  #width: number;
  #height: number;
  readonly #held = new Map<number, HeldBlock>();

  constructor(
    readonly source: ViewerSource,
    mode: ViewMode,
    { width, height }: { width: number; height: number },
  ) {
    this.#mode = mode;
    this.#width = width;
    this.#height = height;
  }

  get top(): Position {
    return this.#top;
  }

  get mode(): ViewMode {
    return this.#mode;
  }

  get height(): number {
    return this.#height;
  }

  /** The lines in view. */
  lines(): string[] {
    return this.slices().flatMap(({ lines }) => lines);
  }

  /** The lines in view by block; `from` is the position of the first one in its block. */
  slices(): { block: number; from: number; lines: readonly string[] }[] {
    const slices: { block: number; from: number; lines: readonly string[] }[] = [];
    let left = this.#height;
    for (let { block, line: from } = this.#top; block < this.source.count && left > 0; block++, from = 0) {
      const lines = this.block(block).lines.slice(from, from + left);
      slices.push({ block, from, lines });
      left -= lines.length;
    }
    return slices;
  }

  isInView({ block, line }: Position): boolean {
    return this.slices().some(
      (slice) => slice.block === block && line >= slice.from && line < slice.from + slice.lines.length,
    );
  }

  /** The lines of a block, and the parts they are made of. */
  block(at: number): HeldBlock {
    const known = this.#held.get(at);
    if (known !== undefined) {
      // The block used last is forgotten last.
      this.#held.delete(at);
      this.#held.set(at, known);
      return known;
    }
    const parts = at < 0 || at >= this.source.count ? [] : this.source.parts(at, this.#mode, this.#width);
    const held = { parts, lines: parts.flatMap(({ lines }) => lines) };
    this.#held.set(at, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_HELD) break;
      this.#held.delete(oldest);
    }
    return held;
  }

  /** Moves by a number of lines, as far as there are any. */
  scroll(by: number): void {
    this.goTo(this.#shifted(this.#top, by));
  }

  /** Brings a position into view: this number of lines below the top, or further down at the end of the text. */
  goAbove(position: Position, lines: number): void {
    this.goTo(this.#shifted(position, -lines));
  }

  /** Returns the position that is a number of lines further, as far as there are any. */
  #shifted(from: Position, by: number): Position {
    let { block } = from;
    let line = from.line + by;
    while (line < 0 && block > 0) {
      block -= 1;
      line += this.block(block).lines.length;
    }
    while (block < this.source.count - 1 && line >= this.block(block).lines.length) {
      line -= this.block(block).lines.length;
      block += 1;
    }
    return { block, line: Math.max(0, line) };
  }

  /** Moves to a position, or to the last one that fills the window. */
  goTo(position: Position): void {
    const last = this.#lastTop();
    this.#top = isBefore(last, position) ? last : position;
  }

  goToEnd(): void {
    this.#top = this.#lastTop();
  }

  get isAtEnd(): boolean {
    return !isBefore(this.#top, this.#lastTop());
  }

  /** Shows another mode or size, with the same part at the top. */
  change({ mode = this.#mode, width = this.#width, height = this.#height }: ViewChange): void {
    this.keep(() => {
      this.#mode = mode;
      this.#width = width;
      this.#height = height;
      return true;
    });
  }

  /** Runs a change of the blocks. If it returns true, scrolls back to the part that was at the top. */
  keep(change: () => boolean): void {
    const anchor = this.anchor();
    if (!change()) return;
    this.#held.clear();
    this.restore(anchor);
  }

  /** A line as an anchor, by default the top one; null if nothing is shown. */
  anchor(position = this.#top): Anchor | null {
    const { parts } = this.block(position.block);
    let { line } = position;
    for (const [at, part] of parts.entries()) {
      if (line < part.lines.length || at === parts.length - 1) {
        const nth = parts.slice(0, at).filter(({ key }) => key === part.key).length;
        return { key: part.key, nth, line };
      }
      line -= part.lines.length;
    }
    return null;
  }

  /** Moves to an anchor, or to the nearest part of its message that is still shown. */
  restore(anchor: Anchor | null): void {
    const block = anchor === null ? null : this.source.blockOf(anchor.key);
    if (anchor === null || block === null) {
      this.goTo({ block: Math.min(this.#top.block, Math.max(0, this.source.count - 1)), line: 0 });
      return;
    }
    let line = 0;
    let found = { line: 0, length: 0, seen: -1 };
    for (const part of this.block(block).parts) {
      if (part.key <= anchor.key && found.seen < anchor.nth) {
        const seen = part.key === anchor.key ? found.seen + 1 : found.seen;
        found = { line, length: part.lines.length, seen };
      }
      line += part.lines.length;
    }
    const within = found.seen === anchor.nth ? Math.min(anchor.line, Math.max(0, found.length - 1)) : 0;
    this.goTo({ block, line: found.line + within });
  }

  #lastTop(): Position {
    let left = this.#height;
    for (let block = this.source.count - 1; block >= 0; block--) {
      const { length } = this.block(block).lines;
      if (length >= left) return { block, line: length - left };
      left -= length;
    }
    return { block: 0, line: 0 };
  }
}

/** A change of what is shown, or of the window's size. */
export interface ViewChange {
  mode?: ViewMode;
  width?: number;
  height?: number;
}

/** Returns true if a position comes before another one. */
function isBefore(one: Position, other: Position): boolean {
  return one.block < other.block || (one.block === other.block && one.line < other.line);
}
