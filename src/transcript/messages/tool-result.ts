import { asEntry, asString, type Entry } from './classify.js';

const EXIT_CODE = /^(?:Error: )?Exit code (\d{1,3})\b/;

/** Returns the text of a `tool_result` block, its text blocks joined by newlines. */
export function toolResultText(block: Entry): string {
  const { content } = block;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((inner: unknown) =>
    asEntry(inner)?.['type'] === 'text' ? asString(asEntry(inner)?.['text']) : null,
  );
  return texts.filter((text) => text !== null).join('\n');
}

/** Returns the exit code at the start of a failed command's text; null if there is none. */
export function exitCodeOf(text: string): number | null {
  const code = EXIT_CODE.exec(text)?.[1];
  return code === undefined ? null : Number(code);
}

/**
 * Returns the size of an output that Claude Code stored in a separate file, by the entry's `toolUseResult`; null for
 * any other.
 */
export function spilledBytes(details: Entry | null): number | null {
  const size = details?.['persistedOutputSize'];
  return typeof size === 'number' ? size : null;
}
