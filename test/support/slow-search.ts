import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A text, also composed and without capitals. */
interface FoldedText {
  text: string;
  folded: string;
}

/** The texts of a session by kind of part. */
export type SessionTexts = Readonly<Record<string, readonly FoldedText[]>>;

/** The parts of a query; a text must contain each of them. */
export type SlowQuery = readonly (string | RegExp)[];

interface Block {
  type?: string;
  text?: string;
  thinking?: string;
  name?: string;
  input?: unknown;
  content?: string | Block[];
}

/** The fields of a transcript line that are read here. */
interface Line {
  type?: string;
  isMeta?: boolean;
  isSidechain?: boolean;
  isCompactSummary?: boolean;
  message?: { content?: string | Block[] };
  toolUseResult?: { persistedOutputPath?: string };
}

/**
 * All texts of the sessions of a config dir, or of some of them, by id: every line is parsed. Shares no code with the
 * program.
 */
export function readTexts(configDir: string, limit = Infinity): Map<string, SessionTexts> {
  const sessions = new Map<string, SessionTexts>();
  const projects = join(configDir, 'projects');
  for (const project of readdirSync(projects)) {
    for (const name of readdirSync(join(projects, project))) {
      if (!/^[\da-f-]{36}\.jsonl$/.test(name) || sessions.size >= limit) continue;
      const path = join(projects, project, name);
      const texts: Record<string, FoldedText[]> = {};
      for (const line of readFileSync(path, 'utf8').split('\n'))
        if (line !== '') addTexts(JSON.parse(line) as Line, path.slice(0, -'.jsonl'.length), texts);
      sessions.set(basename(name, '.jsonl'), texts);
    }
  }
  return sessions;
}

function addTexts(line: Line, sideFolder: string, texts: Record<string, FoldedText[]>): void {
  const add = (kind: string, text: string | undefined): void => {
    if (text !== undefined && text !== '')
      (texts[kind] ??= []).push({ text, folded: text.normalize('NFC').toLowerCase() });
  };
  if (line.isSidechain === true) return;
  const { content = [] } = line.message ?? {};
  const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (line.type === 'assistant') {
    for (const { type, text, thinking, name, input } of blocks) {
      if (type === 'text') add('answer', text);
      if (type === 'thinking') add('thinking', thinking);
      if (type === 'tool_use') add('tool', [name, ...leaves(input)].join('\n'));
    }
  }
  if (line.type !== 'user') return;
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const kept = line.toolUseResult?.persistedOutputPath;
  const file = kept === undefined ? '' : join(sideFolder, 'tool-results', basename(kept));
  for (const { content: inner = '' } of results)
    add('result', file !== '' && existsSync(file) ? readFileSync(file, 'utf8') : joined(inner));
  if (results.length > 0 || line.isMeta === true || line.isCompactSummary === true) return;
  const typed = joined(blocks).trim();
  if (!/^(<|Caveat:|\[Request)/.test(typed)) add('prompt', typed);
}

const joined = (content: string | Block[]): string =>
  typeof content === 'string'
    ? content
    : content
        .filter(({ type }) => type === 'text')
        .map(({ text }) => text)
        .join('\n');

function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return value === null || value === undefined ? [] : [String(value)];
}

/** Number of matching texts by kind, by session; sessions without a match are left out. */
export function slowSearch(sessions: ReadonlyMap<string, SessionTexts>, query: SlowQuery): Record<string, object> {
  const found: Record<string, object> = {};
  for (const [id, texts] of sessions) {
    const counts = Object.entries(texts)
      .map(([kind, some]) => [kind, some.filter((text) => query.every((part) => contains(text, part))).length] as const)
      .filter(([, count]) => count > 0);
    if (counts.length > 0) found[id] = Object.fromEntries(counts);
  }
  return found;
}

function contains({ text, folded }: FoldedText, part: string | RegExp): boolean {
  if (part instanceof RegExp) return part.test(text);
  const composed = part.normalize('NFC');
  return /\p{Lu}/u.test(part) ? text.normalize('NFC').includes(composed) : folded.includes(composed.toLowerCase());
}
