import type { IndexStatus } from '../../session-index/status.js';
import { grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { ageColumn } from './session-columns.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable } from './text/table.js';
import { wrapLine } from './text/wrap.js';

/** Returns the table of each config dir's index as lines, and a note if one is missing or unusable. */
export async function indexLines(found: readonly IndexStatus[], screen: Screen): Promise<string[]> {
  const { color, home, width } = screen;
  const hasFilters = found.some(({ filterBytes }) => filterBytes > 0);
  const table = await renderTable<IndexStatus>(
    [
      {
        heading: 'CONFIG DIR',
        cell: ({ configDir }) => shortPath(configDir, home),
        shrink: 'start',
        color: color.blueBright,
      },
      { heading: 'SESSIONS', align: 'right', cell: sessionsOf },
      {
        heading: 'SIZE',
        align: 'right',
        cell: ({ writtenMs, bytes }) => (writtenMs === null ? '' : formatSize(bytes)),
      },
      ...(hasFilters
        ? [{ heading: 'FILTERS', align: 'right' as const, cell: (one: IndexStatus) => formatSize(one.filterBytes) }]
        : []),
      ageColumn('WRITTEN', screen, ({ writtenMs }) => writtenMs),
      { heading: 'INDEX', cell: ({ cacheDir }) => shortPath(cacheDir, home), shrink: 'start', color: color.dim },
    ],
    found,
    screen,
  );
  const isMissing = found.some(({ sessions, writtenMs }) => sessions === null || writtenMs === null);
  const note = 'The next command that reads sessions creates what is missing.';
  return [...table, ...(isMissing ? ['', ...wrapLine(note, width)] : [])];
}

function sessionsOf({ sessions, writtenMs }: IndexStatus): string {
  if (writtenMs === null) return 'none yet';
  return sessions === null ? 'unusable' : grouped(sessions);
}
