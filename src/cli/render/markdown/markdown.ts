import type { ChalkInstance } from 'chalk';
import { Lexer, type Token, type Tokens } from 'marked';
import type { Fit } from '../text/fit.js';
import { sanitize } from '../text/sanitize.js';
import type { TextLayout } from '../text/screen.js';
import { codeSpans } from './code.js';
import { inlineSpans } from './inline.js';
import { PLAIN, within, wrapSpans, type Style } from './spans.js';
import { tableLines } from './table.js';

/** Maximum length of a text that is parsed as Markdown, in characters; the time may grow with its square. */
const MAX_MARKDOWN = 32 * 1024;
/** Minimum width of text in lists and quotes, however deeply nested. */
const MIN_WIDTH = 16;
const MAX_RULE = 40;
const CODE_INDENT = '  ';

/**
 * Returns a function that lays out Markdown for a terminal, without control characters. Text that cannot be parsed is
 * shown as written.
 */
export function markdownLayout(color: ChalkInstance, fit: Fit): TextLayout {
  const blocks = new Blocks(color, fit);
  return (text, width) => {
    const safe = text
      .replaceAll('\t', '  ')
      .split(/\r\n?|\n/)
      .map(sanitize);
    if (text.length <= MAX_MARKDOWN) {
      try {
        return blocks.lines(new Lexer({ gfm: true }).lex(safe.join('\n')), width);
      } catch {
        // Nested too deeply for the parser's recursion; the plain text is shown.
      }
    }
    return safe.flatMap((line) => fit.wrap(line, width).map((piece) => piece.trimEnd()));
  };
}

/** Turns blocks of Markdown into lines. */
class Blocks {
  constructor(
    readonly color: ChalkInstance,
    readonly fit: Fit,
  ) {}

  lines(tokens: readonly Token[], width: number): string[] {
    return tokens.flatMap((token, index) =>
      token.type === 'space'
        ? index === 0 || index === tokens.length - 1
          ? []
          : ['']
        : [...this.#block(token, Math.max(MIN_WIDTH, width)), ...blankAfter(token, tokens[index + 1])],
    );
  }

  #block(token: Token, width: number): string[] {
    const { color, fit } = this;
    switch (token.type) {
      case 'heading':
        return this.#text(
          token,
          width,
          within(color.bold, (token as Tokens.Heading).depth === 1 ? color.underline : PLAIN),
        );
      case 'code':
        return this.#code(token as Tokens.Code, width);
      case 'blockquote':
        return this.lines((token as Tokens.Blockquote).tokens, width - 2).map((line) =>
          `${color.dim('│')} ${line}`.trimEnd(),
        );
      case 'list':
        return this.#list(token as Tokens.List, width);
      case 'table':
        return tableLines(token as Tokens.Table, width, color, fit);
      case 'hr':
        return [color.dim('─'.repeat(Math.min(width, MAX_RULE)))];
      case 'html':
      case 'def':
        return wrapSpans([{ text: token.raw.trimEnd(), style: PLAIN }], width, fit);
      default:
        return this.#text(token, width, PLAIN);
    }
  }

  #text(token: Token, width: number, style: Style): string[] {
    return wrapSpans(
      inlineSpans('tokens' in token ? (token.tokens ?? []) : [token], this.color, style),
      width,
      this.fit,
    );
  }

  #code({ text, lang }: Tokens.Code, width: number): string[] {
    return codeSpans(text, lang ?? '', this.color).flatMap((line) =>
      wrapSpans(line, width - CODE_INDENT.length, this.fit).map((piece) => (CODE_INDENT + piece).trimEnd()),
    );
  }

  #list(list: Tokens.List, width: number): string[] {
    const first = list.start === '' ? 1 : list.start;
    const last = String(first + list.items.length - 1);
    return list.items.flatMap((item, index) => {
      const mark = list.ordered ? `${String(first + index).padStart(last.length)}. ` : '• ';
      const lines = this.lines(item.tokens.flatMap(withoutCheckbox(item)), width - mark.length);
      const [head = '', ...rest] = lines;
      const blank = list.loose && index < list.items.length - 1 ? [''] : [];
      return [mark + head, ...rest.map((line) => (line === '' ? '' : ' '.repeat(mark.length) + line)), ...blank];
    });
  }
}

/** Moves the checkbox of a list item into its text, so that both are on one line. */
function withoutCheckbox({ task, checked }: Tokens.ListItem): (token: Token, index: number) => Token[] {
  return (token, index) => {
    if (!task) return [token];
    if (token.type === 'checkbox') return [];
    const isFirst = index === 1 && 'tokens' in token && token.tokens !== undefined;
    const box: Token = { type: 'checkbox', raw: '', checked: checked === true };
    return [
      isFirst && token.tokens?.[0]?.type !== 'checkbox' ? { ...token, tokens: [box, ...(token.tokens ?? [])] } : token,
    ];
  };
}

/** Returns the blank line after a heading or fence, which the parser includes in their text. */
function blankAfter(token: Token, next: Token | undefined): string[] {
  if (next === undefined || next.type === 'space') return [];
  return /\n[ ]*\n[ ]*$/.test(token.raw) ? [''] : [];
}
