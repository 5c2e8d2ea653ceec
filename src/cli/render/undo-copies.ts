import type { UndoCopy } from '../../retention/undo/undo-copies.js';
import { formatAge, formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Column } from './text/table.js';

const SHORT_ID = 8;
const MIN_TITLE = 8;

/** Returns an undo copy as JSON shows it (docs/schema/undo-copies.schema.json). */
export function undoCopyRecord({ id, state, bytes, manifest }: UndoCopy): object {
  const { configDir, sessionId, projectDir, cwd, title, kind, undoes, savedAt, prompt, messageUuid, files } = manifest;
  const session = { schemaVersion: 1, configDir, sessionId, projectDir, cwd, title };
  return {
    ...session,
    undo: id,
    kind,
    undoes,
    state,
    savedAt,
    prompt,
    messageUuid,
    heldBytes: bytes,
    files: files.map(({ path, before }) => ({ path, existed: before !== null, bytes: before?.bytes ?? null })),
  };
}

/** Returns an undo copy as a line for pipes: id, savedAt, state, files, bytes, session id, title. */
export function undoCopyLine({ id, state, bytes, manifest }: UndoCopy): string {
  const { savedAt, files, sessionId, title } = manifest;
  return tabbed([id, savedAt, state, files.length, bytes, sessionId, title]);
}

/** Returns the table of undo copies and its footer, as lines. */
export async function undoCopyLines(copies: readonly UndoCopy[], screen: Screen): Promise<string[]> {
  const columns: readonly Column<UndoCopy>[] = [
    { heading: 'UNDO COPY', cell: ({ id }) => id },
    { heading: 'MADE', cell: ({ manifest }) => formatAge(Date.parse(manifest.savedAt), screen.now) },
    { heading: 'FILES', align: 'right', cell: ({ manifest }) => grouped(manifest.files.length) },
    { heading: 'SIZE', align: 'right', cell: ({ bytes }) => formatSize(bytes) },
    { heading: 'STATE', cell: ({ state, manifest }) => stateText(state, manifest.kind) },
    {
      heading: 'SESSION',
      shrink: 'end',
      minWidth: MIN_TITLE,
      cell: ({ manifest }) => `${manifest.sessionId.slice(0, SHORT_ID)} ${oneLine(manifest.title ?? '')}`.trimEnd(),
    },
  ];
  const count = counted(copies.length, 'undo copy', 'undo copies');
  return [
    ...(await renderTable(columns, copies, screen)),
    '',
    `${count} of rewinds · restore: ${screen.invocation} rewind --undo <undo copy>`,
  ];
}

/** Returns the page about an undo copy, as lines. */
export function undoCopyPage(
  { id, state, bytes, folder, manifest }: UndoCopy,
  { home, invocation }: Pick<Screen, 'home' | 'invocation'>,
): string[] {
  const { sessionId, title, cwd, savedAt, prompt, messageUuid, kind, undoes, files } = manifest;
  const to = prompt === null ? `message ${messageUuid.slice(0, SHORT_ID)}` : `prompt ${prompt}`;
  const what = kind === 'undo' ? `the undo of ${undoes ?? 'a rewind'}` : `a rewind to ${sanitize(to)}`;
  const facts: [string, string][] = [
    ['session', `${sessionId} ${oneLine(title ?? '')}`.trimEnd()],
    ['folder', shortPath(cwd, home)],
    ['made', `${formatMoment(Date.parse(savedAt))} by ${what}`],
    ['state', stateText(state, kind)],
    ['size', formatSize(bytes)],
    ['stored in', shortPath(folder, home)],
  ];
  return [
    id,
    '',
    ...facts.map(([name, text]) => `  ${name.padEnd(9)} ${text}`),
    '',
    ...files.map(({ path, before }) => `  ${sanitize(path)}${before === null ? ' (did not exist)' : ''}`),
    '',
    `Restore: ${invocation} rewind --undo ${id}`,
  ];
}

function stateText(state: UndoCopy['state'], kind: 'rewind' | 'undo'): string {
  if (state === 'applying') return 'interrupted';
  return state === 'undone' ? 'undone' : kind;
}
