import { closeSync } from 'node:fs';
import { footprintFiles } from '../../../claude/footprint-paths.js';
import { footprint } from '../../../claude/layout.js';
import type { SessionRecord } from '../../../session-index/record.js';
import { lastLinesStart, MAX_LINE_BYTES, openRegularFile, readLines, readRange } from '../../../transcript/lines.js';
import type { MessageSelection } from '../../../transcript/messages/messages.js';
import type { Context } from '../../context.js';
import { toJson } from '../../render/text/json.js';
import { counted } from '../../render/text/number.js';
import { shortPath } from '../../render/text/path.js';
import { tabbed } from '../../render/text/pipe.js';
import { escapeUnseen } from '../../render/text/sanitize.js';
import { formatSize } from '../../render/text/size.js';
import { printLines } from './show-output.js';
import type { ShownSession } from './shown.js';

const CHUNK = 256 * 1024;
/** Lines of this many bytes or more are cut on a terminal. */
const MAX_SCREEN_LINE = 16 * 1024 * 1024;

/**
 * Prints every file of a session: a table on a terminal, `part, bytes, path` lines in a pipe, or JSON with the result
 * of `record`.
 */
export async function showFiles(
  { row }: ShownSession,
  context: Context,
  record: () => Promise<SessionRecord>,
): Promise<void> {
  const { stdout, global, home, color } = context;
  const files = await footprintFiles(row.file);
  if (global.json) {
    return stdout.write(`${toJson({ schemaVersion: 1, session: await record(), files }, stdout.isTerminal)}\n`);
  }
  if (!stdout.isTerminal)
    return stdout.write(files.map(({ part, bytes, path }) => tabbed([part, bytes, path])).join(''));
  const { renderTable } = await import('../../render/text/table.js');
  const lines = await renderTable<(typeof files)[number]>(
    [
      { heading: 'PART', cell: ({ part }) => part },
      { heading: 'SIZE', align: 'right', cell: ({ bytes }) => formatSize(bytes), color: color.dim },
      // Paths are not shortened, so that they can be copied.
      { heading: 'FILE', cell: ({ path }) => shortPath(path, home) },
    ],
    files,
    context,
  );
  await printLines(
    [...lines, '', `${counted(files.length, 'file')} · ${formatSize(footprint(row.file).bytes)}`],
    context,
  );
}

/** Prints the lines of a transcript: in a pipe unchanged, on a terminal without control sequences. */
export async function showRaw(
  { path }: ShownSession,
  { head, tail }: MessageSelection,
  context: Context,
): Promise<void> {
  const { fd, size } = openRegularFile(path);
  try {
    const start = tail === undefined ? 0 : lastLinesStart(fd, size, tail);
    const end = head === undefined ? size : endOfLines(fd, start, head);
    if (context.stdout.isTerminal) return await printLines(safeLines(fd, start, end), context);
    for (let at = start; at < end; at += CHUNK)
      await context.stdout.write(readRange(fd, at, Math.min(at + CHUNK, end)));
  } finally {
    closeSync(fd);
  }
}

function endOfLines(fd: number, start: number, count: number): number {
  let end = start;
  let left = count;
  for (const line of readLines(fd, { start, limit: MAX_LINE_BYTES })) {
    if (left === 0) break;
    end = line.end;
    left -= 1;
  }
  return end;
}

function* safeLines(fd: number, start: number, end: number): Generator<string> {
  for (const line of readLines(fd, { start, end, limit: MAX_SCREEN_LINE })) {
    const shown = line.isHeld ? line.bytes : readRange(fd, line.start, line.start + CHUNK);
    const rest = line.isHeld ? '' : `… [${(line.end - line.start).toLocaleString('en-US')} bytes in all]`;
    yield escapeUnseen(shown.toString('utf8')) + rest;
  }
}
