import type { LogSession, WorkLog } from '../../sessions/log/log-record.js';
import { folderText } from './folder-text.js';
import { firstWords, ownTitle, totalsWords, workFigures } from './log-text.js';
import { dayAndTime, isoDay } from './text/age.js';
import { grouped } from './text/number.js';
import { sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';

/** Maximum number of prompts per session whose first words are printed. */
const MAX_PROMPTS = 3;
const PROMPT_WIDTH = 60;
/** Characters with a meaning in Markdown, each at positions where it would have it. */
const SPECIAL = new RegExp(
  ['[`*\\[<]', '\\\\(?=[!-/:-@[-`{-~])', '&(?=#?\\w+;)', '(?<=\\S)~', '(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])'].join(
    '|',
  ),
  'gu',
);

/** Yields the log as Markdown lines: a heading for each folder, and an item per session below it. */
export function* markdownLines(
  log: WorkLog,
  screen: Pick<Screen, 'home' | 'now' | 'configDirNames'>,
): Generator<string> {
  for (const { configDir, cwd, sessions } of log.projects) {
    const folder = folderText({ cwd, projectDir: sessions[0]?.projectDir ?? '–', configDir }, screen);
    yield `## ${escaped(folder)}\n\n`;
    for (const session of sessions) yield `- ${item(session, screen.now)}\n`;
    yield '\n';
  }
  yield `${totalsWords(log.totals, log.omitted).join(' · ')}\n`;
}

/** `**Fix prune race** (Fri 20 Nov 18:02–19:40, $14.07, 7 files): first words · first words · 29 more`. */
function item(session: LogSession, now: number): string {
  const { costUsd, files, source } = session;
  const words = session.prompts.map(({ text }) => text).filter((text) => sanitize(text).trim() !== '');
  const title = ownTitle(session);
  const name = title ?? (words.length === 0 ? '(no prompt)' : firstWords(words[0] ?? '', PROMPT_WIDTH));
  const facts = [
    whenText(session, now),
    ...workFigures({ costUsd, filesChanged: files.length }),
    ...(source === 'history' ? ['session gone'] : []),
  ];
  const rest = title === null ? words.slice(1) : words;
  const shown = rest.slice(0, MAX_PROMPTS).map((text) => escaped(firstWords(text, PROMPT_WIDTH)));
  const more = rest.length - shown.length;
  const prompts = [...shown, ...(more > 0 ? [`${grouped(more)} more`] : [])].join(' · ');
  return `**${escaped(name)}** (${facts.join(', ')})${prompts === '' ? '' : `: ${prompts}`}`;
}

/** Escapes text so that Markdown shows it unchanged. */
function escaped(text: string): string {
  return sanitize(text).replace(SPECIAL, '\\$&');
}

function whenText({ firstAt, lastAt }: LogSession, now: number): string {
  const [first, last] = [firstAt, lastAt].map((time) => dayAndTime(time, now)) as [string, string];
  if (isoDay(Date.parse(firstAt)) !== isoDay(Date.parse(lastAt))) return `${first} – ${last}`;
  return first === last ? first : `${first}–${last.slice(-5)}`;
}
