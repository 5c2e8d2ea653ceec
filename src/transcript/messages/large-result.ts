/** Facts about a large tool result that need no parsing. */
export interface LargeResult {
  uuid: string;
  parentUuid: string;
  isSidechain: boolean;
  /** Time of writing in milliseconds; NaN if it cannot be read. */
  timeMs: number;
  toolUseId: string;
  isError: boolean;
  exitCode: number | null;
  /** Length of the result in the line, including escapes; or the size of the separate file in which it is stored. */
  bytes: number;
}

/** Shorter lines are parsed instead, which takes no longer. */
const MIN_LARGE_BYTES = 8 * 1024;
const MAX_HEAD_LENGTH = 768;
const MAX_TAIL_LENGTH = 768;
const TEXT_OR_FLAG = '"\\w+":(?:"[^"\\\\]*"|true|false),';
const HEAD = new RegExp(
  '^\\{"parentUuid":"([\\w-]+)","isSidechain":(true|false),(?:"\\w+":(?:"[^"\\\\]*"|true|false|null|\\d+),)*' +
    '"type":"user","message":\\{"role":"user","content":\\[\\{' +
    `(?=(?:${TEXT_OR_FLAG})*"type":"tool_result")(?=(?:${TEXT_OR_FLAG})*"tool_use_id":"([\\w-]+)")` +
    `((?:${TEXT_OR_FLAG})*)"content":(?:"(?:Error: )?Exit code (\\d{1,3})\\b)?`,
);
const UUID = Buffer.from(']},"uuid":"');
const IDENTITY = /^\]\},"uuid":"([\w-]+)","timestamp":"([^"\\]*)",/;
/** Output of over 30,000 characters is stored in a separate file; the line has its beginning. */
const SPILLED = /,"persistedOutputSize":(\d+)[,}]/;

/**
 * Recognises a large tool result, as Claude Code writes it since 2.1, by the head, uuid and tail of its line, without
 * parsing: such lines are three quarters of a transcript. Returns null for any other line, even if the tail names
 * another tool call than the head, as in two glued records.
 */
export function largeResult(bytes: Buffer): LargeResult | null {
  if (bytes.length < MIN_LARGE_BYTES || bytes[bytes.length - 1] !== 0x7d) return null;
  const start = latin1(bytes, 0, MAX_HEAD_LENGTH);
  const head = HEAD.exec(start);
  const parentUuid = head?.[1];
  if (head === null || parentUuid === undefined) return null;
  const tail = latin1(bytes, bytes.length - MAX_TAIL_LENGTH, bytes.length);
  if (!tail.includes(`,"sourceToolAssistantUUID":"${parentUuid}"`)) return null;
  // Quotes are escaped within JSON strings, so these bytes can only be a member of an object.
  const messageEnd = bytes.indexOf(UUID);
  const identity = messageEnd < 0 ? null : IDENTITY.exec(latin1(bytes, messageEnd, messageEnd + 256));
  const [, , isSidechain, toolUseId, before, exitCode] = head;
  if (identity?.[1] === undefined || toolUseId === undefined) return null;
  const after = latin1(bytes, messageEnd - 64, messageEnd);
  return {
    uuid: copyOf(identity[1]),
    parentUuid: copyOf(parentUuid),
    isSidechain: isSidechain === 'true',
    timeMs: Date.parse(identity[2] ?? ''),
    toolUseId: copyOf(toolUseId),
    isError: before?.includes('"is_error":true,') === true || after.includes(',"is_error":true'),
    exitCode: exitCode === undefined ? null : Number(exitCode),
    bytes: Number(SPILLED.exec(tail)?.[1] ?? messageEnd - head[0].length),
  };
}

function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

/** Copies a match of a regular expression, which would keep the whole searched text in memory. */
function copyOf(captured: string): string {
  return Buffer.from(captured, 'latin1').toString('latin1');
}
