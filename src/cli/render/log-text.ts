import type { LogSession, LogTotals } from '../../sessions/log/log-record.js';
import { formatRoughUsd } from './money.js';
import { counted, grouped, shortCount } from './text/number.js';
import { oneLine } from './text/sanitize.js';
import { cutEnd, widthOf } from './text/width.js';

/** Maximum length of a prompt that is measured, in UTF-16 units. */
const MAX_MEASURED = 2000;

/** Returns the first words of a prompt on one line of at most `width` columns, with `…` for the rest. */
export function firstWords(text: string, width: number): string {
  const start = oneLine(text.slice(0, MAX_MEASURED));
  if (text.length <= MAX_MEASURED && widthOf(start) <= width) return start;
  const cut = cutEnd(`${start} `, width - 1)
    .replace(/…$/, '')
    .trimEnd();
  const space = cut.lastIndexOf(' ');
  return `${space > cut.length / 2 ? cut.slice(0, space) : cut} …`;
}

/** Returns the title of a session on one line; null if it has only a prompt instead. */
export function ownTitle({ title, titleSource }: LogSession): string | null {
  const text = oneLine(title ?? '');
  return text === '' || titleSource === 'prompt' ? null : text;
}

/** Returns cost and number of changed files of a log or session, without zero and unknown figures. */
export function workFigures({ costUsd, filesChanged }: Pick<LogTotals, 'costUsd' | 'filesChanged'>): string[] {
  return [
    ...(costUsd === null || costUsd === 0 ? [] : [formatRoughUsd(costUsd)]),
    ...(filesChanged === 0 ? [] : [counted(filesChanged, 'file')]),
  ];
}

/** Returns the totals of a log as parts of a sentence. */
export function totalsWords(totals: LogTotals, omitted: number): string[] {
  const sessions = counted(totals.sessions, 'session');
  return [
    omitted === 0 ? sessions : `newest ${grouped(totals.sessions)} of ${counted(totals.sessions + omitted, 'session')}`,
    counted(totals.prompts, 'prompt'),
    ...workFigures(totals).map((figure) => figure.replace(/ files?$/, (word) => `${word} changed`)),
    ...(totals.unpricedTokens === 0 ? [] : [`${shortCount(totals.unpricedTokens)} tokens without a price`]),
  ];
}
