import { parseObject } from '../system/small-file.js';
import { MAX_LINE_BYTES } from './lines.js';

const RESULT_PATH = /^(.*\/projects\/)([^/]+)\/([^/]+)(\/tool-results\/[^/]+)$/s;
const MEMBER = '"persistedOutputPath"';

/** Returns true for a line that may name the file of a large tool result. */
export function mayNameResult(line: Buffer): boolean {
  return line.includes(MEMBER);
}

/**
 * Returns the line with the path of its tool result renewed, byte for byte the same otherwise; null if it needs no
 * change.
 * `newProjectDir` gets the key `<project dir>/<session id>` that the path names.
 */
export function renewResultPath(line: Buffer, newProjectDir: (key: string) => string | undefined): Buffer | null {
  // A line that no string can hold stays as it is.
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
  // One character per byte: bytes that are not UTF-8 come out as they went in.
  return Buffer.from(
    line.toString('latin1').replaceAll(asWritten(path), () => asWritten(`${start}${to}/${id}${end}`)),
    'latin1',
  );
}

function asWritten(path: string): string {
  return Buffer.from(JSON.stringify(path).slice(1, -1)).toString('latin1');
}
