import { formatMoment } from '../text/age.js';
import { counted } from '../text/number.js';

/** Returns when a turn was answered, by which models and for how long: `18:02 → 18:09 · opus-5-5 · 7m 12s`. */
export function spentText(times: readonly string[], models: ReadonlySet<string>, isOpen: boolean): string {
  const named = [...models].join(', ');
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return named;
  const [start, end] = [first, last].map((time) => formatMoment(Date.parse(time)).slice(-5));
  const span = isOpen ? 0 : Date.parse(last) - Date.parse(first);
  return [start === end || isOpen ? start : `${start} → ${end}`, named, span >= 1000 ? duration(span) : '']
    .filter((part) => part !== '')
    .join(' · ');
}

/** Returns a duration: `42s`, `7m 12s`, `3h 5m`, `2 days`. */
function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
  return counted(Math.floor(seconds / 86_400), 'day');
}
