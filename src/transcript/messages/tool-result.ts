import { asEntry, asString, type Entry } from './classify.js';

const EXIT_CODE = /^(?:Error: )?Exit code (\d{1,3})\b/;

/** The text of a `tool_result` block, its own text blocks joined by newlines. */
export function toolResultText(block: Entry): string {
  const { content } = block;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((inner: unknown) =>
    asEntry(inner)?.['type'] === 'text' ? asString(asEntry(inner)?.['text']) : null,
  );
  return texts.filter((text) => text !== null).join('\n');
}

/** The exit code that the text of a failed command begins with; null if it names none. */
export function exitCodeOf(text: string): number | null {
  const code = EXIT_CODE.exec(text)?.[1];
  return code === undefined ? null : Number(code);
}

/** Size of an output that is kept in a file of its own, by its entry's `toolUseResult`; null if it is not. */
export function spilledBytes(details: Entry | null): number | null {
  const size = details?.['persistedOutputSize'];
  return typeof size === 'number' ? size : null;
}
