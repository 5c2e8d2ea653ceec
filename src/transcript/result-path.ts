import { parseObject } from '../system/small-file.js';
import { MAX_LINE_BYTES } from './lines.js';

const RESULT_PATH = /^(.*\/projects\/)([^/]+)\/([^/]+)(\/tool-results\/[^/]+)$/s;
const MEMBER = '"persistedOutputPath"';

/** Returns true for a line that may name the file of a large tool result. */
export function mayNameResult(line: Buffer): boolean {
  return line.includes(MEMBER);
}

/**
 * Returns the line with a new path of its tool result, otherwise unchanged byte for byte; null if it needs no change.
 * `newProjectDir` returns the new project dir for the `<project dir>/<session id>` of a path.
 */
export function renewResultPath(line: Buffer, newProjectDir: (key: string) => string | undefined): Buffer | null {
  // Lines that are too long for a string stay as they are.
  if (line.length > MAX_LINE_BYTES || !mayNameResult(line)) return null;
  const result = parseObject(line.toString('utf8'))?.['toolUseResult'];
  const path =
    typeof result === 'object' && result !== null && 'persistedOutputPath' in result
      ? result.persistedOutputPath
      : null;
  if (typeof path !== 'string') return null;
  const [, start = '', projectDir = '', id = '', end = ''] = RESULT_PATH.exec(path) ?? [];
  const to = newProjectDir(`${projectDir}/${id}`);
  if (to === undefined) return null;
  // latin1 keeps bytes that are not valid UTF-8.
  return Buffer.from(
    line.toString('latin1').replaceAll(asWritten(path), () => asWritten(`${start}${to}/${id}${end}`)),
    'latin1',
  );
}

function asWritten(path: string): string {
  return Buffer.from(JSON.stringify(path).slice(1, -1)).toString('latin1');
}
