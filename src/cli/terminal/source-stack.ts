import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';

/** `…/main.cjs:12:3457`, as a line of a stack ends. */
const PLACE = /([^\s()]+):(\d+):(\d+)/g;

/**
 * A stack with positions in our sources instead of those in the built program, as far as its map (`<program>.map`) has
 * them; without a map, the stack is unchanged. Never throws.
 */
export function sourceStack(stack: string, program: string): string {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${program}.map`, 'utf8')) as SourceMapPayload);
    return stack.replace(PLACE, (place: string, file: string, line: string, column: string) => {
      const entry: Partial<SourceMapping> = file === program ? map.findEntry(Number(line) - 1, Number(column) - 1) : {};
      const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
      return originalSource === undefined ? place : `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
    });
  } catch {
    return stack;
  }
}
