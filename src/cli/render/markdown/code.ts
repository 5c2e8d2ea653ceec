import type { ChalkInstance } from 'chalk';
import highlighter from 'highlight.js/lib/core';
import { languageOf } from './languages.js';
import { linesOf, PLAIN, within, type Span, type Style } from './spans.js';

/** Maximum length of code that is coloured, in characters. */
const MAX_COLORED = 20_000;
const PIECES = /<span class="([^"]*)">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+|[<&]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/** Returns lines of code as spans, coloured if the language is known. Never throws. */
export function codeSpans(code: string, language: string, color: ChalkInstance): Span[][] {
  const plain: Span[] = [{ text: code, style: PLAIN }];
  if (color.level === 0 || code.length > MAX_COLORED) return linesOf(plain);
  const name = languageOf(language, highlighter);
  if (name === null) return linesOf(plain);
  try {
    const { value } = highlighter.highlight(code, { language: name, ignoreIllegals: true });
    return linesOf(spansOfHtml(value, color));
  } catch {
    return linesOf(plain); // highlight.js may throw for unexpected code
  }
}

/** Parses the HTML of highlight.js: nested spans of one class each, and text with entities. */
function spansOfHtml(html: string, color: ChalkInstance): Span[] {
  const spans: Span[] = [];
  const styles: Style[] = [PLAIN];
  for (const [piece, classes] of html.matchAll(PIECES)) {
    const current = styles.at(-1) ?? PLAIN;
    if (classes !== undefined) styles.push(within(current, styleOf(classes, color)));
    else if (piece === '</span>') styles.pop();
    else spans.push({ text: ENTITIES[piece] ?? piece, style: current });
  }
  return spans;
}

function styleOf(classes: string, color: ChalkInstance): Style {
  switch (classes.split(' ')[0]) {
    case 'hljs-keyword':
    case 'hljs-selector-tag':
    case 'hljs-name':
      return color.magenta;
    case 'hljs-string':
    case 'hljs-regexp':
    case 'hljs-addition':
      return color.green;
    case 'hljs-deletion':
      return color.red;
    case 'hljs-comment':
    case 'hljs-quote':
    case 'hljs-meta':
      return color.dim;
    case 'hljs-number':
    case 'hljs-literal':
    case 'hljs-built_in':
    case 'hljs-type':
      return color.cyan;
    case 'hljs-title':
    case 'hljs-section':
      return color.blueBright;
    default:
      return PLAIN;
  }
}
