import type { RefreshResult, ViewerSource } from './source.js';
import type { Position, ViewWindow } from './window.js';

/**
 * Moves a window over a source. If only the end of the source is known, finds the earlier part when a move needs it.
 */
export class Navigation {
  constructor(
    readonly window: ViewWindow,
    readonly source: ViewerSource,
  ) {}

  /** Scrolls up, also into messages that were not known before. */
  scrollUp(by: number): void {
    const { window, source } = this;
    window.scroll(-by);
    while (!source.isWhole && window.top.block === 0) {
      window.scroll(by);
      this.#extend();
      window.scroll(-by);
    }
  }

  /** Moves to the next prompt, or to the one before the top line; returns false if there is none to move to. */
  jump(step: 1 | -1): boolean {
    if (step > 0 && this.window.isAtEnd) return false;
    let next = this.#promptFrom(step);
    if (step < 0) {
      while (next === undefined && !this.source.isWhole) {
        this.#extend();
        next = this.#promptFrom(step);
      }
    }
    if (next !== undefined) this.window.goTo({ block: next, line: 0 });
    return next !== undefined;
  }

  /**
   * Number of the prompt that a line belongs to; of the last prompt for the top line of the end of the text; 0 without
   * prompts.
   */
  promptNumber({ block, line }: Position): number {
    const { top, isAtEnd } = this.window;
    const { prompts } = this.source;
    if (isAtEnd && block === top.block && line === top.line) return prompts.length;
    return Math.max(prompts.filter((at) => at <= block).length, Math.min(1, prompts.length));
  }

  /** The text of the first message from a line on that has one, as far as its block goes. */
  textAt(position: Position): string | undefined {
    const { block } = position;
    const anchor = this.window.anchor(position);
    const keys = [...new Set(this.window.block(block).parts.map(({ key }) => key))];
    const rest = keys.slice(Math.max(0, keys.indexOf(anchor?.key ?? -1)));
    return rest.map((key) => this.source.textOf(block, key)).find((text) => text !== '');
  }

  /** Applies the result of `ViewerSource.complete`; the part at the top stays there. */
  takeOver(found: () => void): void {
    this.window.keep(() => {
      found();
      return true;
    });
  }

  /** Looks for new messages; the part at the top stays there. */
  refresh(): RefreshResult {
    let result: RefreshResult = { hasChanged: false, note: null };
    this.window.keep(() => {
      result = this.source.refresh();
      return result.hasChanged;
    });
    return result;
  }

  /** Finds earlier messages; the part at the top stays there, or the first message if the header was at the top. */
  #extend(): void {
    if (this.window.top.block === 0) this.window.goTo({ block: 1, line: 0 });
    this.window.keep(() => {
      this.source.extend();
      return true;
    });
  }

  #promptFrom(step: 1 | -1): number | undefined {
    const { block, line } = this.window.top;
    const { prompts } = this.source;
    if (step > 0) return prompts.find((at) => at > block);
    return prompts.findLast((at) => at < block || (at === block && line > 0));
  }
}
