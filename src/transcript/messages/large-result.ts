/** Facts about a large tool result that need no parsing. */
export interface LargeResult {
  uuid: string;
  parentUuid: string;
  isSidechain: boolean;
  /** When it was written, in milliseconds; NaN if the time cannot be read. */
  timeMs: number;
  toolUseId: string;
  isError: boolean;
  exitCode: number | null;
  /** Length of the result in the line, escapes included; of one kept in a file of its own, of that. */
  bytes: number;
}

/** Shorter lines are not worth a look of their own. */
const LARGE = 8 * 1024;
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
/** Output of over 30,000 characters is kept in a file; the line holds its beginning. */
const SPILLED = /,"persistedOutputSize":(\d+)[,}]/;

/**
 * Recognises the line of one large tool result as Claude Code writes it since 2.1, from its head, its uuid and its
 * tail: three quarters of a transcript's bytes are such lines. The tail must name the same tool call as the head, so
 * that a line made of two glued records is never taken. Null: read it in the ordinary way.
 */
export function largeResult(bytes: Buffer): LargeResult | null {
  if (bytes.length < LARGE || bytes[bytes.length - 1] !== 0x7d) return null;
  const start = text(bytes, 0, MAX_HEAD_LENGTH);
  const head = HEAD.exec(start);
  const parentUuid = head?.[1];
  if (head === null || parentUuid === undefined) return null;
  const tail = text(bytes, bytes.length - MAX_TAIL_LENGTH, bytes.length);
  if (!tail.includes(`,"sourceToolAssistantUUID":"${parentUuid}"`)) return null;
  // Within a JSON string every quote is escaped, so that these bytes can only be a member of an object.
  const messageEnd = bytes.indexOf(UUID);
  const identity = messageEnd < 0 ? null : IDENTITY.exec(text(bytes, messageEnd, messageEnd + 256));
  const [, , isSidechain, toolUseId, before, exitCode] = head;
  if (identity?.[1] === undefined || toolUseId === undefined) return null;
  const after = text(bytes, messageEnd - 64, messageEnd);
  return {
    uuid: own(identity[1]),
    parentUuid: own(parentUuid),
    isSidechain: isSidechain === 'true',
    timeMs: Date.parse(identity[2] ?? ''),
    toolUseId: own(toolUseId),
    isError: before?.includes('"is_error":true,') === true || after.includes(',"is_error":true'),
    exitCode: exitCode === undefined ? null : Number(exitCode),
    bytes: Number(SPILLED.exec(tail)?.[1] ?? messageEnd - head[0].length),
  };
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

/** A copy: what a regular expression captured keeps the whole text it was found in alive. */
function own(captured: string): string {
  return Buffer.from(captured, 'latin1').toString('latin1');
}
