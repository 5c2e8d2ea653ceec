import type { Footprint } from '../../claude/layout.js';
import type { Problem } from '../../system/problem.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import { formatAge, formatDay, formatMoment } from './text/age.js';
import type { Fit } from './text/fit.js';
import { counted, shortCount } from './text/number.js';
import { shortPath } from './text/path.js';
import { holderText, liveColor } from './live-text.js';
import { oneLine } from './text/sanitize.js';
import type { PageScreen } from './text/screen.js';
import { costFields } from './show-cost.js';
import { toolList } from './tool-list.js';
import { formatSize } from './text/size.js';

/** A session as its page's header shows it. */
export interface ShownSession {
  record: SessionRecord;
  /** Details of the record's costs; null if they were not computed. */
  costs: SessionCosts | null;
  footprint: Footprint;
  /** `forked from …`, `forked into …`: sessions that share its history. */
  lineage: readonly string[];
}

const LABEL_WIDTH = 12;
const RIGHT_COLUMN = 62;
const SECOND_WIDTH = 8;
const MAX_PROBLEMS = 3;

/** A label and its value. A short second field follows on the same line if there is room. */
interface Field {
  label: string;
  text: string;
  second?: Field | null;
  /** Colour of the value; default: none. */
  color?: (text: string) => string;
}

/** Returns the header as lines, without unknown values. With an infinite width no line is cut. */
export function headerLines(session: ShownSession, screen: PageScreen): string[] {
  const { record } = session;
  return [
    ...titleLine(titleOf(record), stateOf(record), stateColor(record, screen), screen),
    '',
    ...fieldsOf(session, screen).flatMap((field) => fieldLines(field, screen)),
  ];
}

function fieldsOf({ record, costs, footprint, lineage }: ShownSession, { home, now, color }: PageScreen): Field[] {
  const { gitBranch, createdAt, version, models, tag, team, expiresAt } = record;
  const folder =
    record.cwd === null
      ? '(not recorded)'
      : shortPath(record.cwd, home) + (record.cwdExists === false ? ' (gone)' : '');
  const branch =
    gitBranch === null || gitBranch === '' ? null : { label: 'branch', text: oneLine(gitBranch), color: color.cyan };
  const created = createdAt === null ? null : { label: 'created', text: formatMoment(Date.parse(createdAt)) };
  const written = version === null ? null : { label: 'version', text: oneLine(version) };
  return [
    { label: 'id', text: record.id },
    { label: 'folder', text: folder, second: branch, color: record.cwdExists === false ? color.dim : color.blueBright },
    { label: 'activity', text: activity(record, now), second: created },
    ...(models.length > 0
      ? [{ label: 'models', text: models.map(oneLine).join(', '), second: written }]
      : written === null
        ? []
        : [written]),
    { label: 'counts', text: countsOf(record).join(' · ') },
    ...(record.toolCalls === 0 ? [] : [{ label: 'tools', text: toolList(record.tools, ' · ') }]),
    ...(record.tokens.total === 0 ? [] : [{ label: 'tokens', text: tokensOf(record) }]),
    ...(costs === null ? [] : costFields(record, costs).map(([label, text]) => ({ label, text }))),
    ...(tag === null ? [] : [{ label: 'tag', text: `#${oneLine(tag)}` }]),
    ...(team === null ? [] : [{ label: 'team', text: teamText(team) }]),
    ...(lineage.length === 0 ? [] : [{ label: 'lineage', text: lineage.map(oneLine).join(' · ') }]),
    { label: 'size', text: sizeOf(footprint) },
    ...(expiresAt === null ? [] : [{ label: 'kept', text: keptUntil(expiresAt, record) }]),
    { label: 'file', text: shortPath(record.transcript, home) },
    ...damageOf(record).map((text, at) => ({ label: at === 0 ? 'damage' : '', text })),
  ];
}

function fieldLines({ label, text, second = null, color: paint = String }: Field, screen: PageScreen): string[] {
  const { width, color, fit } = screen;
  // Ids and paths are not wrapped, so that they can be copied whole.
  const [first = '', ...rest] = text.includes(' ') ? fit.wrap(text, Math.max(20, width - LABEL_WIDTH)) : [text];
  const start = `  ${color.dim(label.padEnd(LABEL_WIDTH - 2))}`;
  if (second === null) return [start + paint(first), ...rest.map((line) => ' '.repeat(LABEL_WIDTH) + paint(line))];
  const room = RIGHT_COLUMN - LABEL_WIDTH;
  const fits = fit.widthOf(text) + 2 <= room && RIGHT_COLUMN + SECOND_WIDTH + fit.widthOf(second.text) <= width;
  if (!fits) return [...fieldLines({ label, text, color: paint }, screen), ...fieldLines(second, screen)];
  const gap = pad(text, room, fit).slice(text.length);
  const right = color.dim(second.label.padEnd(SECOND_WIDTH)) + (second.color ?? String)(second.text);
  return [start + paint(text) + gap + right];
}

/** Returns the title, quoted if it is only the first prompt, as in the list. */
function titleOf({ title, titleSource }: SessionRecord): string {
  if (title === null) return '(no title)';
  return titleSource === 'prompt' ? `“${oneLine(title)}”` : oneLine(title);
}

function titleLine(
  title: string,
  states: readonly string[],
  paint: (text: string) => string,
  { width, color, fit }: PageScreen,
): string[] {
  const state = states.join(', ');
  if (state === '') return fit.wrap(title, width).map((line) => color.bold(line));
  const room = width - fit.widthOf(state);
  if (!Number.isFinite(width)) return [`${color.bold(title)}  ${paint(state)}`];
  if (fit.widthOf(title) + 2 <= room) return [color.bold(pad(title, room, fit)) + paint(state)];
  return [
    ...fit.wrap(title, width).map((line) => color.bold(line)),
    ...fit.wrap(state, width).map((line) => paint(line)),
  ];
}

/** Returns the states of a session, each with the sign of the list. */
function stateOf({ live, pinned, archived, problems, kind }: SessionRecord): string[] {
  return [
    ...(live === null ? [] : [`● live: ${holderText(live)}`]),
    ...(pinned ? ['◆ pinned'] : []),
    ...(problems.some(isDamage) ? ['! damaged'] : []),
    ...(archived ? ['archived'] : []),
    ...(kind === 'interactive' ? [] : [kind]),
  ];
}

/** The state of a live session is coloured as in the list; other states have no colour. */
function stateColor({ live }: SessionRecord, { color }: PageScreen): (text: string) => string {
  return live === null ? String : liveColor(live, color);
}

function teamText({ name, agent, leader }: NonNullable<SessionRecord['team']>): string {
  return `${oneLine(agent)} of ${oneLine(name)} · ${leader === null ? 'leader unknown' : `led by ${leader}`}`;
}

function activity({ lastActivityAt }: SessionRecord, now: number): string {
  if (lastActivityAt === null) return 'unknown: no entry carries a time';
  const then = Date.parse(lastActivityAt);
  const age = formatAge(then, now);
  const ago = /^\d+[mhdw]$/.test(age) ? ` (${age} ago)` : age === 'now' ? ' (now)' : '';
  return `${formatMoment(then)} ${offsetOf(then)}${ago}`;
}

/** Returns the offset of the local zone at a time: `+01:00`. */
function offsetOf(moment: number): string {
  const minutes = -new Date(moment).getTimezoneOffset();
  const size = Math.abs(minutes);
  const digits = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}:${digits(size % 60)}`;
}

function countsOf(record: SessionRecord): string[] {
  const optional: [number, string][] = [
    [record.toolCalls, 'tool call'],
    [record.compactions, 'compaction'],
    [record.subagents, 'subagent'],
  ];
  return [
    counted(record.prompts, 'prompt'),
    counted(record.turns, 'turn'),
    counted(record.messageCount, 'message'),
    ...optional.flatMap(([count, noun]) => (count === 0 ? [] : [counted(count, noun)])),
  ];
}

function tokensOf({ tokens }: SessionRecord): string {
  const parts: [number, string][] = [
    [tokens.input, 'in'],
    [tokens.output, 'out'],
    [tokens.cacheRead, 'cache read'],
    [tokens.cacheWrite, 'cache write'],
  ];
  return parts.map(([count, noun]) => `${shortCount(count)} ${noun}`).join(' · ');
}

const PART_NAMES: Readonly<Record<string, string>> = { 'tool-results': 'tool results', 'file-history': 'files' };

function sizeOf({ bytes, parts }: Footprint): string {
  const named = parts
    .filter((part) => part.bytes > 0)
    .map((part) => `${PART_NAMES[part.part] ?? part.part} ${formatSize(part.bytes)}`);
  return `${formatSize(bytes)}: ${named.join(', ')}`.replace(/: $/, '');
}

function keptUntil(expiresAt: string, { pinned }: SessionRecord): string {
  const longer = pinned ? 'prune renews it' : 'ccsess pin keeps it';
  return `until ${formatDay(Date.parse(expiresAt))} (Claude Code's cleanup; ${longer})`;
}

/** True for problems of the transcript. Problems of usage are reported with the costs. */
function isDamage({ code }: Problem): boolean {
  return code !== 'unknown-price' && code !== 'odd-usage';
}

function damageOf(record: SessionRecord): string[] {
  const problems = record.problems.filter(isDamage);
  const lines = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ message, line }) => (line === null ? oneLine(message) : `line ${line}: ${oneLine(message)}`));
  return problems.length > MAX_PROBLEMS
    ? [...lines, `and ${counted(problems.length - MAX_PROBLEMS, 'more', 'more')}`]
    : lines;
}

function pad(text: string, width: number, fit: Fit): string {
  return text + ' '.repeat(Math.max(0, width - fit.widthOf(text)));
}
