import type { LogSession, LogTotals } from '../../sessions/log/log-record.js';
import { formatRoughUsd } from './money.js';
import { counted, grouped, shortCount } from './text/number.js';
import { oneLine } from './text/sanitize.js';
import { cutEnd, widthOf } from './text/width.js';

/** Longest part of a prompt that is looked at, in UTF-16 units. */
const MAX_LOOKED_AT = 2000;

/** Returns the first words of a prompt on one line, at most `width` columns; `…` stands for the rest. */
export function firstWords(text: string, width: number): string {
  const start = oneLine(text.slice(0, MAX_LOOKED_AT));
  if (text.length <= MAX_LOOKED_AT && widthOf(start) <= width) return start;
  const cut = cutEnd(`${start} `, width - 1)
    .replace(/…$/, '')
    .trimEnd();
  const space = cut.lastIndexOf(' ');
  return `${space > cut.length / 2 ? cut.slice(0, space) : cut} …`;
}

/** The title of a session that has one of its own, on one line; null if only a prompt stands for it. */
export function ownTitle({ title, titleSource }: LogSession): string | null {
  const text = oneLine(title ?? '');
  return text === '' || titleSource === 'prompt' ? null : text;
}

/** Figures of a log or of a session: cost and changed files; those that are zero or not known are left out. */
export function workFigures({ costUsd, filesChanged }: Pick<LogTotals, 'costUsd' | 'filesChanged'>): string[] {
  return [
    ...(costUsd === null || costUsd === 0 ? [] : [formatRoughUsd(costUsd)]),
    ...(filesChanged === 0 ? [] : [counted(filesChanged, 'file')]),
  ];
}

/** The sums of a log as the parts of a sentence. */
export function totalsWords(totals: LogTotals, omitted: number): string[] {
  const sessions = counted(totals.sessions, 'session');
  return [
    omitted === 0 ? sessions : `newest ${grouped(totals.sessions)} of ${counted(totals.sessions + omitted, 'session')}`,
    counted(totals.prompts, 'prompt'),
    ...workFigures(totals).map((figure) => figure.replace(/ files?$/, (word) => `${word} changed`)),
    ...(totals.unpricedTokens === 0 ? [] : [`${shortCount(totals.unpricedTokens)} tokens without a price`]),
  ];
}
