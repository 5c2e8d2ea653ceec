import type { StatusLine } from '../../sessions/status/status-line.js';
import { simpleWidth } from '../../tui/simple-width.js';
import type { Context } from '../context.js';
import { formatUsd } from './money.js';
import { timeLeft } from './text/age.js';
import { shortPath } from './text/path.js';
import { oneLine } from './text/sanitize.js';

/** Fields of `statusline --format`. */
export const STATUS_FIELDS = [
  'id',
  'id8',
  'title',
  'cost',
  'expires',
  'folder',
  'cwd',
  'model',
  'context',
  'transcript',
] as const;
/** A field of `statusline --format`. */
export type StatusField = (typeof STATUS_FIELDS)[number];

const SHORT_ID = 8;
/** Milliseconds before the expiry from which it is shown. */
const SHOWN_BEFORE_MS = 7 * 24 * 60 * 60 * 1000;
/** Number of columns that Claude Code leaves free around the line. */
const MARGIN = 4;
const MIN_TITLE = 10;

/** Returns `3f2a91c0 Fix prune race · $1.20 · expires in 4d`, with the title cut so that the rest fits. */
export async function statusText(
  status: StatusLine,
  { now, width, color }: Pick<Context, 'now' | 'width' | 'color'>,
): Promise<string> {
  const { id, title, isPromptTitle, costUsd, expiresAt } = status;
  const shortId = (id ?? '').slice(0, SHORT_ID);
  const expiresMs = expiresAt === null ? Infinity : Date.parse(expiresAt);
  const expiry = expiresMs > now() ? `in ${timeLeft(expiresMs, now())}` : 'now';
  const rest = [
    ...(costUsd === null || costUsd === 0 ? [] : [formatUsd(costUsd)]),
    ...(expiresMs - now() < SHOWN_BEFORE_MS ? [`expires ${expiry}`] : []),
  ]
    .map((part) => ` · ${part}`)
    .join('');
  const room = width - MARGIN - shortId.length - 1 - rest.length;
  const text = oneLine(title ?? '');
  const quotes = isPromptTitle ? ['“', '”'] : ['', ''];
  const cut = await fitted(text, Math.max(MIN_TITLE, room - quotes.join('').length));
  const shown = cut === '' ? '' : ` ${quotes.join(cut)}`;
  return color.dim(shortId) + shown + color.dim(rest);
}

/**
 * Returns the text cut to `room` columns. The module that measures all kinds of characters is loaded only when needed,
 * since that takes long.
 */
async function fitted(text: string, room: number): Promise<string> {
  const width = simpleWidth(text);
  if (width === null) return (await import('./text/width.js')).cutEnd(text, room);
  if (width <= room) return text;
  let end = 0;
  for (let left = room - 1; left >= 0; end++) left -= simpleWidth(text.charAt(end)) ?? 0;
  return `${text.slice(0, end - 1)}…`;
}

/** Returns the values of the fields as text; null for unknown values. */
export function statusValues(
  status: StatusLine,
  { now, home }: Pick<Context, 'now' | 'home'>,
): Record<StatusField, string | null> {
  const { id, title, costUsd, expiresAt, cwd, model, contextPercent, transcript } = status;
  return {
    id,
    id8: id?.slice(0, SHORT_ID) ?? null,
    title,
    cost: costUsd === null ? null : formatUsd(costUsd),
    expires: expiresAt === null ? null : timeLeft(Date.parse(expiresAt), now()),
    folder: cwd === null ? null : shortPath(cwd, home),
    cwd,
    model,
    context: contextPercent === null ? null : `${Math.round(contextPercent)}%`,
    transcript,
  };
}
