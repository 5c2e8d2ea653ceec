import { expect } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import type { SessionKind, SessionRecord, TitleSource } from '../../src/session-index/record.js';
import { FIXTURE_MTIME } from './fixtures.js';

/** The expected values of one session in a truth table: the members of its record that follow from its files alone. */
export type Expected = Pick<
  SessionRecord,
  | 'id'
  | 'projectDir'
  | 'kind'
  | 'title'
  | 'titleSource'
  | 'prompts'
  | 'turns'
  | 'messageCount'
  | 'toolCalls'
  | 'compactions'
  | 'subagents'
  | 'tokens'
  | 'createdAt'
  | 'lastActivityAt'
  | 'entrypoint'
  | 'gitBranch'
  | 'version'
  | 'models'
  | 'cwd'
  | 'cwds'
  | 'tag'
  | 'forkedFrom'
> & { problemCodes: string[] };

type Common = Pick<Expected, 'projectDir' | 'cwd' | 'gitBranch' | 'version' | 'models' | 'entrypoint'>;

/**
 * Values that most sessions of a table share. The default entrypoint is `sdk-cli` for headless sessions and `cli` for
 * others.
 */
type Usual = Omit<Common, 'entrypoint'> & Partial<Pick<Common, 'entrypoint'>>;

/**
 * Values of one session that differ from the usual ones; by default it has at most one folder and no tag, lineage or
 * damage.
 */
type Unusual = Partial<Common & Pick<Expected, 'cwds' | 'tag'>> & {
  /** Session id, message uuid. */
  forkedFrom?: [string, string];
  problems?: string[];
};

/** One line of a truth table. */
export type Row = [
  id: string,
  kind: SessionKind,
  title: [TitleSource, string | null],
  counts: [prompts: number, turns: number, messages: number, toolCalls: number, compactions: number, subagents: number],
  tokens: [input: number, output: number, cacheRead: number, cacheWrite: number],
  createdAt: string | null,
  lastActivityAt: string | null,
  unusual?: Unusual,
];

/** Returns the sessions that a table describes, in its order. */
export function sessions(usual: Usual, rows: Row[]): Expected[] {
  return rows.map((row) => expectedSession(usual, row));
}

function expectedSession(
  usual: Usual,
  [id, kind, [titleSource, title], counts, used, createdAt, lastActivityAt, unusual = {}]: Row,
): Expected {
  const [prompts, turns, messageCount, toolCalls, compactions, subagents] = counts;
  const [input, output, cacheRead, cacheWrite] = used;
  const { forkedFrom, problems = [], ...differences } = unusual;
  const common = { entrypoint: kind === 'headless' ? 'sdk-cli' : 'cli', ...usual, ...differences };
  return {
    id,
    kind,
    title,
    titleSource,
    prompts,
    turns,
    messageCount,
    toolCalls,
    compactions,
    subagents,
    tokens: { input, output, cacheRead, cacheWrite, total: input + output + cacheRead + cacheWrite },
    createdAt,
    lastActivityAt,
    cwds: common.cwd === null ? [] : [common.cwd],
    tag: null,
    ...common,
    forkedFrom: forkedFrom === undefined ? null : { id: forkedFrom[0], messageUuid: forkedFrom[1] },
    problemCodes: problems,
  };
}

/** Returns the records of every session of a config dir, read without a cache, ordered by project dir and id. */
export async function readRecords(home: string): Promise<SessionRecord[]> {
  const index = await openSessionIndex({
    configDirs: resolveConfigDirs({ explicit: [home], env: {}, home: '/nowhere', cwd: '/' }),
    cacheDir: null,
    now: () => Date.parse(FIXTURE_MTIME),
  });
  expect(index.problems).toEqual([]);
  return index.records(index.rows, { footprint: true }).sort(byPlace);
}

/** Fails unless the config dir holds the expected sessions and no others, each as expected. */
export async function expectSessions(home: string, truth: readonly Expected[]): Promise<void> {
  const records = await readRecords(home);
  const expected = [...truth].sort(byPlace);
  expect(records.map(place)).toEqual(expected.map(place));
  expected.forEach((session, i) => expect(membersOf(session, records[i]), place(session)).toEqual(session));
}

function membersOf(session: Expected, record: SessionRecord | undefined): Record<string, unknown> {
  const all: Record<string, unknown> = { ...record, problemCodes: record?.problems.map(({ code }) => code) };
  return Object.fromEntries(Object.keys(session).map((key) => [key, all[key]]));
}

function place({ projectDir, id }: Pick<SessionRecord, 'projectDir' | 'id'>): string {
  return `${projectDir}/${id}`;
}

function byPlace(a: Pick<SessionRecord, 'projectDir' | 'id'>, b: Pick<SessionRecord, 'projectDir' | 'id'>): number {
  return place(a) < place(b) ? -1 : 1;
}
