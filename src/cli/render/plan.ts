import type { RemovalCode, PlanSummary, Removal, RemovalSummary } from '../../retention/model.js';
import type { ProjectShare } from '../../retention/plan/summary/shares.js';
import { formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { ageColumn, idColumn, projectColumn, sizeColumn, titleColumn } from './session-columns.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Column } from './text/table.js';
import { joinFitting } from './text/wrap.js';

/** A plan with further figures for its screen. */
export interface PlanView {
  plan: PlanSummary;
  shares: readonly ProjectShare[];
  /** Sessions that are already in the trash. */
  trashed: number;
  /** The largest sessions to be removed, largest first. */
  largest: readonly PlannedItem[];
}

/** One session to be removed; the first `idLength` characters of its id are unique. */
export interface PlannedItem {
  removal: Pick<Removal, 'id' | 'configDir' | 'projectDir' | 'cwd' | 'title' | 'lastActivityAt' | 'footprintBytes'> &
    Pick<RemovalSummary, 'reasons'>;
  /** True if the title is only the first prompt. */
  isPrompt: boolean;
  idLength: number;
}

const MAX_PROJECTS = 5;
const PROJECT_FROM = 70;
const LABEL_WIDTH = 'Policy  '.length;

/** Why a session is removed, in a word. */
const WHY: Readonly<Record<RemovalCode, string>> = {
  'older-than': 'age',
  'larger-than': 'size',
  'prompts-at-most': 'prompts',
  empty: 'empty',
  orphan: 'leftover',
  budget: 'budget',
  named: 'named',
};

/**
 * Returns the screen of a plan below its sentences: policy, scope and trash, the largest sessions, totals by project.
 */
export async function planLines(view: PlanView, screen: Screen): Promise<string[]> {
  const { plan, shares } = view;
  const head = headLines(view, screen);
  if (plan.remove.length === 0) return head;
  return [...head, '', ...(await largestLines(view, screen)), '', ...(await shareLines(shares, screen))];
}

function headLines({ plan, trashed }: PlanView, { home, width, color }: Screen): string[] {
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
    ? ['not used: removed sessions are deleted permanently']
    : [
        shortPath(trashDir, home),
        ...(trashed === 0 ? ['empty'] : [counted(trashed, 'session'), formatSize(totals.trashBytes)]),
      ];
  const lines: [string, string[]][] = [
    ['Policy', rules.length === 0 ? [`plan ${plan.pruneId}`] : rules],
    ['Scope', scope],
    ['Trash', trash],
  ];
  return lines.flatMap(([name, parts]) =>
    joinFitting(parts, width - LABEL_WIDTH).map(
      (line, at) => color.dim((at === 0 ? name : '').padEnd(LABEL_WIDTH)) + line,
    ),
  );
}

/** The largest sessions to be removed. A column that would say the same in every row is left out. */
async function largestLines({ plan, largest }: PlanView, screen: Screen): Promise<string[]> {
  const columns: Column<PlannedItem>[] = [
    idColumn(screen, ({ removal, idLength }) => removal.id.slice(0, idLength)),
    ageColumn('ACTIVE', screen, ({ removal: { lastActivityAt } }) =>
      lastActivityAt === null ? null : Date.parse(lastActivityAt),
    ),
    titleColumn(screen, ({ removal, isPrompt }) => ({ title: removal.title, isPrompt })),
    { ...projectColumn<PlannedItem>(screen, ({ removal }) => removal), from: PROJECT_FROM, hideIfSame: true },
    sizeColumn(screen, ({ removal }) => removal.footprintBytes),
    { heading: 'WHY', cell: ({ removal }) => whyOf(removal), hideIfSame: true },
  ];
  const rest = plan.remove.length - largest.length;
  const lines = await renderTable(columns, largest, screen);
  if (rest === 0) return lines;
  const shownBytes = largest.reduce((sum, { removal }) => sum + removal.footprintBytes, 0);
  const restSize = formatSize(plan.totals.removeBytes - shownBytes);
  return [`The ${grouped(largest.length)} largest:`, ...lines, `  and ${grouped(rest)} more, ${restSize}`];
}

function whyOf({ reasons }: Pick<RemovalSummary, 'reasons'>): string {
  return reasons.map(({ code }) => WHY[code]).join(', ');
}

interface ShareLine {
  /** Null for the line that sums up the rest. */
  share: ProjectShare | null;
  name: string;
  figures: Pick<ProjectShare, 'removed' | 'removedBytes' | 'kept' | 'keptBytes'>;
}

async function shareLines(shares: readonly ProjectShare[], screen: Screen): Promise<string[]> {
  const shown = shares.length <= MAX_PROJECTS + 1 ? shares : shares.slice(0, MAX_PROJECTS);
  const rest = shares.slice(shown.length);
  const lines: ShareLine[] = shown.map((share) => ({ share, name: '', figures: share }));
  if (rest.length > 0) lines.push({ share: null, name: `${grouped(rest.length)} others`, figures: sumOf(rest) });
  const project = projectColumn<ShareLine>(screen, ({ share }) => ({
    cwd: share?.cwd ?? null,
    configDir: share?.configDir ?? '',
    projectDir: share?.projectDir === '' ? '(no project)' : (share?.projectDir ?? ''),
  }));
  const figure = (heading: string, cell: (line: ShareLine) => string): Column<ShareLine> => ({
    heading,
    align: 'right',
    cell,
  });
  const size = (of: (line: ShareLine) => number): Column<ShareLine> => sizeColumn(screen, of);
  return renderTable<ShareLine>(
    [
      { ...project, cell: (line) => (line.share === null ? line.name : project.cell(line)) },
      figure('REMOVE', ({ figures }) => grouped(figures.removed)),
      size(({ figures }) => figures.removedBytes),
      figure('KEEP', ({ figures }) => grouped(figures.kept)),
      size(({ figures }) => figures.keptBytes),
    ],
    lines,
    screen,
  );
}

function sumOf(shares: readonly ProjectShare[]): ShareLine['figures'] {
  const sum = (value: (share: ProjectShare) => number): number =>
    shares.reduce((total, share) => total + value(share), 0);
  return {
    removed: sum(({ removed }) => removed),
    removedBytes: sum(({ removedBytes }) => removedBytes),
    kept: sum(({ kept }) => kept),
    keptBytes: sum(({ keptBytes }) => keptBytes),
  };
}
