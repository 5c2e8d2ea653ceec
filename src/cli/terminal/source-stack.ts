import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';

/** Returns a pattern of positions in files of a folder, such as `…/main.cjs:12:3457`. */
function positionsIn(folder: string): RegExp {
  const escaped = (folder + sep).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<=[ (])${escaped}([^\\s()/\\\\]+):(\\d+):(\\d+)`, 'g');
}

/**
 * Returns a stack trace in which positions in the built files of `folder` are replaced by positions in the sources,
 * according to the source maps (`<file>.map`). Positions in files without a map are unchanged. Never throws.
 */
export function sourceStack(stack: string, folder: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(positionsIn(folder), (position: string, file: string, line: string, column: string) => {
    const map = maps.get(file) ?? readMap(join(folder, `${file}.map`));
    maps.set(file, map);
    const entry: Partial<SourceMapping> = map?.findEntry(Number(line) - 1, Number(column) - 1) ?? {};
    const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
    return originalSource === undefined ? position : `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
  } catch {
    return null;
  }
}
