import type { GoCode, PrunePlan, Removal } from '../../retention/model.js';
import type { ProjectShare } from '../../retention/plan/shares.js';
import { formatAge, formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { folderText } from './folder-text.js';
import { shortPath } from './text/path.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { idLengths } from './text/short-id.js';
import { formatSize } from './text/size.js';
import { columnWidth, GAP_WIDTH, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, cutStart } from './text/width.js';

/** A plan, with the figures that a screen shows in addition. */
export interface PlanView {
  plan: PrunePlan;
  shares: readonly ProjectShare[];
  /** Sessions in the trash already. */
  trashed: number;
  /** The ids of all sessions, so that shortened ones stay unique. */
  ids: readonly string[];
  /** The largest that go, largest first; `isPrompt`: the title is only the first prompt. */
  largest: readonly { removal: Removal; isPrompt: boolean }[];
}

const MAX_PROJECTS = 10;
const PROJECT_FROM = 70;

/** Why a session goes, in a word. */
const WHY: Readonly<Record<GoCode, string>> = {
  'older-than': 'age',
  'larger-than': 'size',
  'prompts-at-most': 'prompts',
  empty: 'empty',
  orphan: 'leftover',
  budget: 'budget',
  named: 'named',
};

/**
 * The whole screen of a plan but its sentences: policy, scope and trash, the largest that go, and a sum for each
 * project.
 */
export async function planLines(view: PlanView, screen: Screen): Promise<string[]> {
  const { plan, shares } = view;
  const head = headLines(view, screen);
  if (plan.remove.length === 0) return [...head, ''];
  return [...head, '', ...(await largestLines(view, screen)), '', ...(await shareLines(shares, screen)), ''];
}

function headLines({ plan, trashed }: PlanView, { home }: Screen): string[] {
  const { policy, totals, trashDir } = plan;
  const { projects, kinds, title, tag } = policy.scope;
  const before =
    policy.before === null
      ? []
      : [`older than ${sanitize(policy.olderThan ?? '')} (before ${formatMoment(Date.parse(policy.before))})`];
  const rules = [
    ...before,
    ...(policy.largerThanBytes === null ? [] : [`larger than ${formatSize(policy.largerThanBytes)}`]),
    ...(policy.promptsAtMost === null ? [] : [`at most ${counted(policy.promptsAtMost, 'prompt')}`]),
    ...(policy.empty ? ['empty'] : []),
    ...(policy.orphans ? ['leftovers too'] : []),
    ...(policy.maxTotalBytes === null ? [] : [`at most ${formatSize(policy.maxTotalBytes)}`]),
    ...(policy.keepLast === null ? [] : [`newest ${grouped(policy.keepLast)} a project stay`]),
  ];
  const scope = [
    ...(projects.length > 0 || rules.length === 0 ? [] : ['all projects']),
    ...projects.map((path) => `project ${oneLine(path)}`),
    ...kinds,
    ...(title === null ? [] : [`title with “${oneLine(title)}”`]),
    ...(tag === null ? [] : [`tag ${oneLine(tag)}`]),
    counted(totals.scanned, 'session'),
    formatSize(totals.scannedBytes),
  ];
  const trash = policy.permanent
    ? ['not used: what goes is deleted for good']
    : [
        shortPath(trashDir, home),
        ...(trashed === 0 ? ['empty'] : [counted(trashed, 'session'), formatSize(totals.trashBytes)]),
      ];
  const lines: [string, string[]][] = [
    ['Policy', rules.length === 0 ? [`plan ${plan.pruneId}`] : rules],
    ['Scope', scope],
    ['Trash', trash],
  ];
  return lines.map(([name, parts]) => `${name.padEnd('Policy'.length)}  ${parts.join(' · ')}`);
}

async function largestLines({ plan, ids, largest }: PlanView, screen: Screen): Promise<string[]> {
  const removals = largest.map(({ removal }) => removal);
  const lengths = idLengths(
    removals.map(({ id }) => id),
    ids,
  );
  const columns: (Column & { cells: Cell[] })[] = [
    { heading: '  ID', cells: removals.map(({ id }, at) => ({ text: `  ${id.slice(0, lengths[at])}` })) },
    {
      heading: 'ACTIVE',
      cells: removals.map(({ lastActivityAt }) => ({
        text: lastActivityAt === null ? '–' : formatAge(Date.parse(lastActivityAt), screen.now),
      })),
    },
    {
      heading: 'SIZE',
      align: 'right',
      cells: removals.map(({ footprintBytes }) => ({ text: formatSize(footprintBytes) })),
    },
  ];
  const why: Column & { cells: Cell[] } = {
    heading: 'WHY',
    cells: removals.map((removal) => ({ text: whyOf(removal) })),
  };
  let room = screen.width - widthOfAll([...columns, why]);
  if (screen.width >= PROJECT_FROM) {
    const width = Math.floor((room - GAP_WIDTH) * (3 / 8));
    const column = { heading: 'PROJECT', cells: removals.map((removal) => projectCell(removal, screen, width)) };
    room -= widthOfAll([column]);
    columns.push(column);
  }
  columns.push(
    {
      heading: 'TITLE',
      cells: largest.map(({ removal, isPrompt }) => titleCell(removal.title, isPrompt, room, screen)),
    },
    why,
  );
  const lines = await tableLines(
    columns,
    removals.map((_, at) => columns.map(({ cells }) => cells[at] ?? { text: '' })),
    screen.color.dim,
  );
  const rest = plan.remove.length - largest.length;
  if (rest === 0) return lines;
  const restBytes = plan.totals.removeBytes - removals.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  return [...lines, `  and ${grouped(rest)} more, ${formatSize(restBytes)}`];
}

function widthOfAll(columns: readonly (Column & { cells: Cell[] })[]): number {
  return columns.reduce(
    (sum, { heading, cells }) =>
      sum +
      columnWidth(
        heading,
        cells.map(({ text }) => text),
      ) +
      GAP_WIDTH,
    0,
  );
}

function whyOf({ reasons }: Removal): string {
  return reasons.map(({ code }) => WHY[code]).join(', ');
}

function projectCell(removal: Removal, screen: Screen, width: number): Cell {
  const text = cutStart(folderText(removal, screen), Math.max(1, width));
  return removal.cwd === null ? { text, paint: screen.color.dim } : { text };
}

function titleCell(title: string | null, isPrompt: boolean, width: number, { color }: Screen): Cell {
  const text = oneLine(title ?? '');
  if (text === '') return { text: cutEnd('(no title)', Math.max(1, width)), paint: color.dim };
  return isPrompt
    ? { text: `“${cutEnd(text, Math.max(1, width - 2))}”`, paint: color.dim }
    : { text: cutEnd(text, Math.max(1, width)) };
}

async function shareLines(shares: readonly ProjectShare[], screen: Screen): Promise<string[]> {
  const { color, width } = screen;
  const shown = shares.length <= MAX_PROJECTS + 1 ? shares : shares.slice(0, MAX_PROJECTS);
  const rest = shares.slice(shown.length);
  const sum = (value: (share: ProjectShare) => number): number =>
    rest.reduce((total, share) => total + value(share), 0);
  const figures = (goes: number, goesBytes: number, stays: number, staysBytes: number): Cell[] =>
    [grouped(goes), formatSize(goesBytes), grouped(stays), formatSize(staysBytes)].map((text) => ({ text }));
  const path = (share: ProjectShare): string => {
    const projectDir = share.projectDir === '' ? '(no project)' : share.projectDir;
    return `  ${cutStart(folderText({ ...share, projectDir }, screen), Math.max(1, width - FIGURES_WIDTH))}`;
  };
  const rows = shown.map((share): Cell[] => [
    { text: path(share) },
    ...figures(share.goes, share.goesBytes, share.stays, share.staysBytes),
  ]);
  if (rest.length > 0) {
    rows.push([
      { text: `  ${grouped(rest.length)} others` },
      ...figures(
        sum(({ goes }) => goes),
        sum(({ goesBytes }) => goesBytes),
        sum(({ stays }) => stays),
        sum(({ staysBytes }) => staysBytes),
      ),
    ]);
  }
  return tableLines(SHARE_COLUMNS, rows, color.dim);
}

const SHARE_COLUMNS: readonly Column[] = [
  { heading: '  PROJECT' },
  { heading: '', align: 'right' },
  { heading: 'GOES', align: 'right' },
  { heading: '', align: 'right' },
  { heading: 'STAYS', align: 'right' },
];
/** Room for the four figures next to a path. */
const FIGURES_WIDTH = 44;
