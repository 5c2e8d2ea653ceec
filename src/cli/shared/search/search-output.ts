import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import { nearSpelling } from '../../../search/text/near-spelling.js';
import { quoted } from '../../../grammar/quoted.js';
import type { Context } from '../../context.js';
import { matchData, matchLine } from '../../render/search-data.js';
import type { FoundSession } from '../../render/search.js';
import { toJson } from '../../render/text/json.js';
import { counted, grouped } from '../../render/text/number.js';
import { tabbed } from '../../render/text/pipe.js';
import { sanitize } from '../../render/text/sanitize.js';
import { idLengths } from '../../render/text/short-id.js';
import { hasSeveralConfigDirs, screenOf } from '../screen.js';
import type { SearchRequest } from './search-request.js';
import { noteTouched } from './touched-note.js';

/** Prints the sessions that a search finds, one by one. */
export interface Printer {
  /** Number of sessions added. */
  readonly sessions: number;
  add(session: Omit<FoundSession, 'idLength'>): Promise<void>;
  /** Prints the end of the output. `isWhole` is true if all sessions were searched. */
  end(isWhole: boolean): Promise<void>;
}

/** Facts about a search that a printer needs. */
export interface SearchRun {
  request: SearchRequest;
  index: SessionIndex;
  /** The sessions to search. */
  rows: readonly SessionRow[];
  /** Number of sessions that are left out without `--all`. */
  hiddenSessions: number;
}

/** Maximum number of sessions, newest first, whose titles and prompts are compared for a spelling suggestion. */
const MAX_SPELLING_SESSIONS = 250;

type Session = Omit<FoundSession, 'idLength'>;

/** Returns the printer for the requested form of output. */
export async function newPrinter(run: SearchRun, context: Context): Promise<Printer> {
  const { form } = run.request;
  if (form === 'screen') return screenPrinter(run, context);
  const { stdout } = context;
  const withConfigDir = hasSeveralConfigDirs(context);
  switch (form) {
    case 'ids':
      return new DataPrinter(run, context, ({ record }) => [tabbed([record.id])]);
    case 'counts':
      return new DataPrinter(run, context, ({ record, counts, hidden }) => [
        tabbed([record.id, sumOf(counts) - sumOf(hidden)]),
      ]);
    case 'quiet':
      return new DataPrinter(run, context, () => []);
    case 'json':
      return new DataPrinter(run, context, jsonPieces(stdout.isTerminal), jsonEnd(stdout.isTerminal));
    case 'jsonl':
      return new DataPrinter(
        run,
        context,
        (session) => session.matches.map((match) => `${toJson(matchData(session, match), false)}\n`),
        (_, omitted) => `${toJson({ omitted }, false)}\n`,
      );
    case 'lines':
      return new DataPrinter(run, context, (session) =>
        session.matches.map((match) => matchLine(session, match, withConfigDir)),
      );
    default:
      return form satisfies never;
  }
}

const sumOf = (counts: FoundSession['counts']): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Bytes reserved for the end of the output, `{"omitted":…}`. */
const END_BYTES = 40;

/** Writes data for each session: a piece per match, or one piece for all. */
class DataPrinter implements Printer {
  sessions = 0;
  #printed = 0;
  #omitted = 0;
  #bytes = 0;
  /** True once the limit was reached: further matches are only counted. */
  #isFull = false;

  constructor(
    readonly run: SearchRun,
    readonly context: Context,
    readonly piecesOf: (session: Session, isFirst: boolean) => string[],
    readonly endOf: (isEmpty: boolean, omitted: number) => string = () => '',
  ) {}

  async add(session: Session): Promise<void> {
    this.sessions += 1;
    this.#omitted += sumOf(session.counts) - session.matches.length;
    const pieces: string[] = [];
    for (const piece of this.piecesOf(session, this.#printed === 0)) {
      const bytes = Buffer.byteLength(piece);
      this.#isFull ||= this.#bytes + bytes > this.run.request.maxBytes - END_BYTES;
      if (this.#isFull) this.#omitted += 1;
      else {
        pieces.push(piece);
        this.#bytes += bytes;
        this.#printed += 1;
      }
    }
    if (pieces.length > 0) await this.context.stdout.write(pieces.join(''));
  }

  async end(): Promise<void> {
    const text = this.endOf(this.#printed === 0, this.#omitted);
    if (text !== '') await this.context.stdout.write(text);
    if (this.sessions === 0 && this.run.request.form !== 'quiet') await noteNothingFound(this.run, this.context);
  }
}

/** Returns the pieces of one JSON value: `{"schemaVersion":1,"matches":[…],"omitted":0}`. */
function jsonPieces(pretty: boolean): (session: Session, isFirst: boolean) => string[] {
  return (session, isFirst) =>
    session.matches.map((match, at) => {
      const json = toJson(matchData(session, match), pretty);
      const start = isFirst && at === 0 ? jsonStart(pretty) : ',';
      return pretty ? `${start}\n    ${json.replaceAll('\n', '\n    ')}` : start + json;
    });
}

function jsonStart(pretty: boolean): string {
  return pretty ? '{\n  "schemaVersion": 1,\n  "matches": [' : '{"schemaVersion":1,"matches":[';
}

function jsonEnd(pretty: boolean): (isEmpty: boolean, omitted: number) => string {
  return (isEmpty, omitted) =>
    (isEmpty ? jsonStart(pretty) : '') +
    (pretty ? `${isEmpty ? '' : '\n  '}],\n  "omitted": ${omitted}\n}\n` : `],"omitted":${omitted}}\n`);
}

/** Returns a printer for a terminal. The modules that lay out text are loaded only here. */
async function screenPrinter(run: SearchRun, context: Context): Promise<Printer> {
  const { foundLines, totalLines } = await import('../../render/search.js');
  const screen = screenOf(context);
  const ids = run.index.ids();
  let first: FoundSession | null = null;
  let matches = 0;
  const printer = {
    sessions: 0,
    async add(session: Session): Promise<void> {
      const [idLength = session.record.id.length] = idLengths([session.record.id], ids);
      const found: FoundSession = { ...session, idLength };
      first ??= found;
      printer.sessions += 1;
      matches += sumOf(session.counts);
      await context.stdout.write(`${foundLines(found, screen).join('\n')}\n`);
    },
    async end(isWhole: boolean): Promise<void> {
      const { resolved } = run.request;
      if (printer.sessions === 0) return noteNothingFound(run, context);
      const totals = { matches, sessions: printer.sessions, searched: run.rows.length, isCut: !isWhole };
      await context.stdout.write(`${[...totalLines(totals, first, context), ...resolved].join('\n')}\n`);
    },
  };
  return printer;
}

/** Reports on stderr that nothing was found, and how to search elsewhere. */
async function noteNothingFound(
  { request, index, rows, hiddenSessions: left }: SearchRun,
  context: Context,
): Promise<void> {
  if (index.rows.length === 0) return;
  const { filters } = request;
  const among = filters === '' ? '' : ` with ${filters}`;
  const elsewhere = [
    ...(left > 0 ? [`-a (${counted(left, 'more session')})`] : []),
    ...(request.scope.kinds.includes('result') ? [] : ['--in result']),
    ...(request.scope.subagents ? [] : ['--subagents']),
    ...(request.scope.allBranches ? [] : ['--all-branches']),
    ...(request.shown.includes('meta') ? [] : ['--in all']),
  ];
  const near = nearSpelling(request.query, index.records(rows.slice(0, MAX_SPELLING_SESSIONS), { footprint: false }));
  const meant = near === null ? '' : `Did you mean ${sanitize(near)}?\n`;
  const hint = elsewhere.length === 0 ? '' : `Look elsewhere with ${elsewhere.join(', ')}.\n`;
  await context.stderr.write(
    `Nothing found for ${sanitize(quoted(queryText(request)))} (searched ${grouped(rows.length)} of ` +
      `${counted(index.rows.length, 'session')}${sanitize(among)}).\n${meant}${hint}`,
  );
  if (request.filter.touched !== undefined) await noteTouched(index, request.filter.touched, context);
}

function queryText({ query }: SearchRequest): string {
  return query.terms.map((term) => (term.kind === 'text' ? term.text : `/${term.source}/${term.flags}`)).join(' ');
}
