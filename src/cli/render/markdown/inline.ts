import type { ChalkInstance } from 'chalk';
import type { Token, Tokens } from 'marked';
import { sanitizeLines } from '../text/sanitize.js';
import { PLAIN, within, type Span, type Style } from './spans.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/**
 * Returns the spans of inline Markdown: emphasis, code, links. Their texts are safe to print, even if the parser
 * decoded an entity (`&#27;`).
 */
export function inlineSpans(tokens: readonly Token[], color: ChalkInstance, style: Style = PLAIN): Span[] {
  return tokens
    .flatMap((token) => spansOf(token, color, style))
    .map((span) => ({ ...span, text: sanitizeLines(span.text) }));
}

function spansOf(token: Token, color: ChalkInstance, style: Style): Span[] {
  const inside = (more: Style): Span[] => inlineSpans(childrenOf(token), color, within(style, more));
  switch (token.type) {
    case 'strong':
      return inside(color.bold);
    case 'em':
      return inside(color.italic);
    case 'del':
      return inside(color.strikethrough);
    case 'codespan':
      return [{ text: codeText(token as Tokens.Codespan, color), style: within(style, color.cyan) }];
    case 'br':
      return [{ text: '\n', style }];
    case 'link':
      return linkSpans(token as Tokens.Link, inside(color.underline), color, style);
    case 'image':
      return [{ text: `[image: ${(token as Tokens.Image).text || (token as Tokens.Image).href}]`, style }];
    case 'checkbox':
      return [{ text: (token as Tokens.Checkbox).checked ? '[x] ' : '[ ] ', style }];
    case 'html':
      return [{ text: token.raw, style }];
    case 'escape':
      return [{ text: (token as Tokens.Escape).text, style }];
    default: {
      const children = childrenOf(token);
      if (children.length > 0) return inlineSpans(children, color, style);
      return [{ text: decoded('text' in token ? String(token.text) : token.raw), style }];
    }
  }
}

/** Without colours, only the marks distinguish code from text. */
function codeText({ text }: Tokens.Codespan, color: ChalkInstance): string {
  return color.level === 0 ? `\`${text}\`` : text;
}

function linkSpans({ href, text }: Tokens.Link, label: Span[], color: ChalkInstance, style: Style): Span[] {
  const isSame = href === text || href === `mailto:${text}` || href === '';
  return isSame ? label : [...label, { text: ` (${href})`, style: within(style, color.dim) }];
}

function childrenOf(token: Token): readonly Token[] {
  return 'tokens' in token && Array.isArray(token.tokens) ? (token.tokens as Token[]) : [];
}

/** Decodes the few entities that occur in answers; others are left unchanged. */
function decoded(text: string): string {
  return text.includes('&')
    ? text.replace(/&(?:lt|gt|amp|quot|nbsp|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    : text;
}
