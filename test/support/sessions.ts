import { mkdirSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectKey } from '../../src/claude/project-key.js';
import { NOW } from './builders.js';
import { addFile, answerLine, line, promptLine } from './transcripts.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A session to be written to a config dir; members left out get ordinary values. */
export interface Written {
  /** First digits of the id; the rest is filled in. */
  id: string;
  cwd?: string;
  /** Age in days of its activity, and of its file unless `mtimeDays` is given. */
  days: number;
  mtimeDays?: number;
  title?: string;
  tag?: string;
  entrypoint?: string;
  /** Bytes of text in its one answer. */
  bytes?: number;
  forkedFrom?: string;
  /** Text of its prompt. */
  prompt?: string;
  /** Contents of the side folder's files, by name. */
  beside?: Record<string, string>;
}

/** The full id that begins with these digits. */
export function fullId(start: string): string {
  return `${start.padEnd(8, '0')}-0000-4000-8000-000000000000`;
}

/** Writes a session as Claude Code does, with its files as old as it is; returns the transcript's path. */
export function writeSession(configDir: string, session: Written): string {
  const { cwd = '/home/dev/app', days, title, tag, entrypoint = 'cli', bytes = 100, prompt = 'Do it.' } = session;
  const id = fullId(session.id);
  const timestamp = new Date(NOW - days * DAY_MS).toISOString();
  const forkedFrom =
    session.forkedFrom === undefined ? {} : { forkedFrom: { sessionId: fullId(session.forkedFrom), messageUuid: 'x' } };
  const common = { cwd, timestamp, sessionId: id, entrypoint, ...forkedFrom };
  const lines = [
    promptLine(prompt, common),
    answerLine(`msg_${session.id}`, 'x'.repeat(bytes), common),
    ...(title === undefined ? [] : [line({ type: 'custom-title', customTitle: title, sessionId: id })]),
    ...(tag === undefined ? [] : [line({ type: 'tag', tag, sessionId: id })]),
  ];
  const transcript = addFile(configDir, `projects/${projectKey(cwd)}/${id}.jsonl`, lines.join(''));
  const mtime = NOW / 1000 - (session.mtimeDays ?? days) * 86_400;
  const beside = Object.entries(session.beside ?? {}).map(([name, text]) =>
    addFile(dirname(transcript), join(id, name), text),
  );
  for (const path of [...beside, transcript]) utimesSync(path, mtime, mtime);
  return transcript;
}

/** Writes a leftover of this age, for example a side folder without a transcript. */
export function writeLeftover(configDir: string, name: string, days: number): string {
  const path = join(configDir, name);
  mkdirSync(path, { recursive: true });
  const file = addFile(path, 'left.txt', 'left');
  const mtime = NOW / 1000 - days * 86_400;
  for (const each of [file, path]) utimesSync(each, mtime, mtime);
  return path;
}
