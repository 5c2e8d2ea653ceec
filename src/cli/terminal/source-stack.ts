import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';

/** A position at the end of a stack's line, such as `…/main.cjs:12:3457`. */
const POSITION = /([^\s()]+):(\d+):(\d+)/g;

/**
 * Returns a stack with positions in the sources instead of the built program, by its source map (`<program>.map`);
 * unchanged without a map. Never throws.
 */
export function sourceStack(stack: string, program: string): string {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${program}.map`, 'utf8')) as SourceMapPayload);
    return stack.replace(POSITION, (position: string, file: string, line: string, column: string) => {
      const entry: Partial<SourceMapping> = file === program ? map.findEntry(Number(line) - 1, Number(column) - 1) : {};
      const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
      return originalSource === undefined ? position : `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
    });
  } catch {
    return stack;
  }
}
