import type { RewindPlan, RewoundFile, SkippedFile } from '../../checkpoints/rewind/model.js';
import type { UndoneFile, UndoPlan } from '../../checkpoints/rewind/undo.js';
import { linesText } from './checkpoints.js';
import { formatMoment } from './text/age.js';
import { counted } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { cutStart, widthOf } from './text/width.js';

const SHORT_UUID = 8;
const MIN_PATH = 16;
/** Maximum number of skipped files that are named. */
const MAX_NAMED = 20;

/**
 * Returns a file of a rewind as a line for pipes: action, path, insertions, deletions, `changed` if it was changed
 * since.
 */
export function rewoundLine({ action, absolutePath, insertions, deletions, changedSince }: RewoundFile): string {
  return tabbed([action, absolutePath, insertions, deletions, changedSince ? 'changed' : null]);
}

/** Returns a file of an undo as a line for pipes: action, path. */
export function undoneLine({ action, absolutePath }: UndoneFile): string {
  return tabbed([action, absolutePath]);
}

/** Returns the plan of a rewind as lines: the files to change and those to skip. */
export function rewindLines(plan: RewindPlan, screen: Screen): string[] {
  const { files, toDir, skipped, warnings } = plan;
  const inFolder = toDir === null ? '' : ` in ${shortPath(toDir, screen.home)}`;
  const state = stateName(plan.checkpoint);
  const heading = `Would restore ${counted(files.length, 'file')}${inFolder} as they were before ${state}:`;
  const rows = files.map((file): [string, string, string] => [
    pathOf(file, screen),
    file.action === 'delete'
      ? 'delete (did not exist)'
      : `${amountOf(file)}${file.action === 'create' && toDir === null ? ' (not there now)' : ''}`,
    file.changedSince ? 'changed since' : '',
  ]);
  const isChanged = files.some(({ changedSince }) => changedSince);
  return [
    heading,
    ...aligned(rows),
    ...(isChanged ? ['Changed since: written after the session; the present content is saved first.'] : []),
    ...skippedLines(skipped, 'Would leave', plan.cwd, screen),
    ...warnings.map(({ message }) => `Note: ${sanitize(message)}`),
    ...(plan.dryRun ? ['Nothing was changed.'] : []),
  ];
}

/** Returns sentences about the outcome of a rewind and the skipped files. */
export function rewoundSentences(plan: RewindPlan, screen: Screen): { said: string[]; noted: string[] } {
  const { files, unchanged, undo, toDir, skipped, dryRun, error, warnings, fork } = plan;
  const noted = [
    ...skippedLines(skipped, dryRun ? 'Would leave' : 'Left', plan.cwd, screen),
    ...warnings.map(({ message }) => `ccsess: ${sanitize(message)}`),
  ];
  if (error !== null) return { said: [], noted: [`ccsess: ${sanitize(error)}`, ...noted] };
  if (fork !== null && files.length + skipped.length + unchanged === 0)
    return { said: [`Forked before ${stateName(plan.checkpoint)}.`], noted };
  if (files.length === 0) {
    const same = `Nothing to restore: ${counted(unchanged, 'tracked file')} as before ${stateName(plan.checkpoint)}.`;
    return { said: [same], noted };
  }
  const inFolder = toDir === null ? '' : ` in ${shortPath(toDir, screen.home)}`;
  const back = undo === null ? '' : ` Undo: ${screen.invocation} rewind --undo ${undo}`;
  const verb = dryRun ? 'Would restore' : 'Restored';
  return {
    said: [`${verb} ${counted(files.length, 'file')}${inFolder}.${dryRun ? ' Nothing was changed.' : back}`],
    noted,
  };
}

/** Returns the plan of an undo as lines: the files to change and those to skip. */
export function undoLines(plan: UndoPlan, screen: Screen): string[] {
  const { files, skipped, savedAt, interrupted } = plan;
  const when = formatMoment(Date.parse(savedAt));
  const what = interrupted ? `the rewind of ${when}, which was interrupted` : `the rewind of ${when}`;
  const actions = { write: 'put back', create: 'put back (not there now)', delete: 'delete (did not exist)' };
  return [
    `Would put back ${counted(files.length, 'file')} as before ${what}:`,
    ...aligned(files.map((file) => [pathOf(file, screen), actions[file.action], ''])),
    ...skippedLines(skipped, 'Would leave', plan.cwd, screen),
    ...(plan.dryRun ? ['Nothing was changed.'] : []),
  ];
}

/** Returns sentences about the outcome of an undo and the skipped files. */
export function undoneSentences(plan: UndoPlan, screen: Screen): { said: string[]; noted: string[] } {
  const { files, skipped, undo, dryRun, undone } = plan;
  const noted = skippedLines(skipped, dryRun ? 'Would leave' : 'Left', plan.cwd, screen);
  if (files.length === 0) return { said: [`Nothing to put back: the files are as before ${undone}.`], noted };
  const back = dryRun
    ? ' Nothing was changed.'
    : undo === null
      ? ''
      : ` To redo: ${screen.invocation} rewind --undo ${undo}`;
  return { said: [`${dryRun ? 'Would put' : 'Put'} ${counted(files.length, 'file')} back.${back}`], noted };
}

function stateName({ prompt, messageUuid }: RewindPlan['checkpoint']): string {
  return prompt === null ? `message ${messageUuid.slice(0, SHORT_UUID)}` : `prompt ${prompt}`;
}

function pathOf(
  { path, absolutePath, outside }: { path: string; absolutePath: string; outside: boolean },
  screen: Screen,
): string {
  return cutStart(
    outside ? shortPath(absolutePath, screen.home) : sanitize(path),
    Math.max(MIN_PATH, screen.width - 50),
  );
}

function amountOf({ action, insertions, deletions, kind }: RewoundFile): string {
  if (action === 'mode') return 'permissions';
  return insertions === null || deletions === null ? kind : linesText(insertions, deletions);
}

function aligned(rows: readonly (readonly [string, string, string])[]): string[] {
  const widest = (at: 0 | 1): number => rows.reduce((width, cells) => Math.max(width, widthOf(cells[at])), 0);
  const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
  const [first, second] = [widest(0), widest(1)];
  return rows.map(([path, amount, note]) => `  ${pad(path, first)}  ${pad(amount, second)}  ${note}`.trimEnd());
}

function skippedLines(skipped: readonly SkippedFile[], verb: string, cwd: string | null, { home }: Screen): string[] {
  const outside = skipped.filter(({ reason }) => reason === 'outside').length;
  const others = skipped.filter(({ reason }) => reason !== 'outside');
  const named = others.slice(0, MAX_NAMED).map(({ path, message }) => `${verb}: ${sanitize(path)}, ${message}.`);
  const more = others.length - named.length;
  const folder = cwd === null ? "the session's folder" : shortPath(cwd, home);
  return [
    ...named,
    ...(more > 0 ? [`${verb}: ${counted(more, 'other file')}.`] : []),
    ...(outside > 0 ? [`${verb}: ${counted(outside, 'file')} outside ${folder} (--outside).`] : []),
  ];
}
