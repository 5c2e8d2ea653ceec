import type { SessionRecord } from '../../../session-index/record.js';
import type { SessionRow } from '../../../session-index/session-index.js';
import { folderText } from '../../render/folder-text.js';
import { oneLine } from '../../render/text/sanitize.js';
import type { Screen } from '../../render/text/screen.js';
import { fold, searchableOf, type Searchable } from './match.js';

/** Characters of a prompt that are searched; contents are searched by the search itself. */
const MAX_PROMPT = 400;

/** A session of the picker with the texts that are shown and searched. */
export interface EntryText extends Searchable {
  title: string;
  /** The title is the first prompt, since none was given. */
  isPrompt: boolean;
  /** The folder as shown to a person. */
  folder: string;
  isGone: boolean;
  branch: string;
  tag: string;
  firstPrompt: string;
  lastPrompt: string;
  /** The folder and its repository, for the scope. */
  cwd: string | null;
  repository: string | null;
  expiresMs: number | null;
}

/** A match of a query in the contents of a session. */
export interface Hit {
  /** One line around the words. */
  snippet: string;
}

/** A session of the picker. Its text is read when it is needed; null until then. */
export interface Entry {
  readonly row: SessionRow;
  text: EntryText | null;
  /** Bytes of all its files; null while unknown. */
  bytes: number | null;
  /** Cost in US dollars: undefined while unknown, null if a price is missing. */
  costUsd: number | null | undefined;
}

/** Returns the texts of a session. */
export function textOf(record: SessionRecord, screen: Pick<Screen, 'home' | 'configDirNames'>): EntryText {
  const title = oneLine(record.title ?? '');
  const folder = folderText(record, screen);
  // Claude Code records this word where no branch is checked out, and outside repositories.
  const branch = record.gitBranch === 'HEAD' ? '' : oneLine(record.gitBranch ?? '');
  const tag = oneLine(record.tag ?? '');
  const [firstPrompt, lastPrompt] = [record.firstPrompt, record.lastPrompt].map((prompt) =>
    oneLine((prompt ?? '').slice(0, MAX_PROMPT)),
  ) as [string, string];
  const search = {
    title: fold(title),
    project: fold(folder),
    branch: fold(branch),
    tag: fold(tag),
    id: record.id.toLowerCase(),
    prompts: fold(firstPrompt === lastPrompt ? firstPrompt : `${firstPrompt}\n${lastPrompt}`),
  };
  return {
    title,
    isPrompt: record.titleSource === 'prompt',
    folder,
    isGone: record.cwd !== null && record.cwdExists === false,
    branch,
    tag,
    firstPrompt,
    lastPrompt,
    cwd: record.cwd,
    repository: record.repository,
    expiresMs: record.expiresAt === null ? null : Date.parse(record.expiresAt),
    ...searchableOf(search),
  };
}
