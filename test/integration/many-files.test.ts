import type * as FileSystem from 'node:fs';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { NOW } from '../support/builders.js';
import { run, type Outcome } from '../support/context.js';
import { answerLine, line, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

/** Work of the file system: calls, and the names in folders that were listed. */
const work = vi.hoisted(() => ({ done: 0 }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof FileSystem>();
  const counted = <T extends (...args: never[]) => unknown>(call: T): T =>
    ((...args: Parameters<T>) => {
      const result = call(...args);
      work.done += Array.isArray(result) ? result.length : 1;
      return result;
    }) as T;
  return {
    ...fs,
    readdirSync: counted(fs.readdirSync),
    lstatSync: counted(fs.lstatSync),
    statSync: counted(fs.statSync),
    openSync: counted(fs.openSync),
    realpathSync: counted(fs.realpathSync),
  };
});

const ID = '11111111-0000-4000-8000-000000000001';
const PROJECT = 'projects/-home-me-app';
const home = temporaryFolder('many');
const OLD = new Date(NOW - 40 * 24 * 60 * 60 * 1000);
beforeEach(() => rmSync(join(home, '.claude'), { recursive: true, force: true }));

function put(name: string, text: string): void {
  const path = join(home, '.claude', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, OLD, OLD);
}

/** The session's files of each kind that there may be thousands of. */
const KINDS: Record<string, (at: number) => void> = {
  subagents: (at) =>
    put(
      `${PROJECT}/${ID}/subagents/agent-a${at}.jsonl`,
      promptLine('do it', { isSidechain: true }) + answerLine(`msg_${at}`, 'done', { isSidechain: true }),
    ),
  'subagents next to the sessions': (at) =>
    put(`${PROJECT}/agent-b${at}.jsonl`, promptLine('do it', { isSidechain: true, sessionId: ID })),
  'tool results': (at) => put(`${PROJECT}/${ID}/tool-results/toolu_${at}.txt`, 'output'),
  'saved files': (at) => put(`file-history/${ID}/${at}@v1`, 'text'),
  'to-do lists': (at) => put(`todos/${ID}-agent-${at}.json`, '[]'),
};

const COMMANDS = [
  ['list', '--json'],
  ['show', ID],
  ['show', ID, '--files'],
  ['stats', '--by', 'session'],
  ['prune', '--older-than', '1d', '-n', '--json'],
  ['forecast'],
  ['projects'],
  ['fork', ID, '--title', 'a fork'],
  ['rm', ID, '--yes'],
  ['trash', 'list'],
  ['restore', ID],
  ['pin', ID],
];

/** The work of each command. */
async function worked(): Promise<number[]> {
  const counts: number[] = [];
  for (const argv of COMMANDS) {
    const before = work.done;
    const outcome: Outcome = await run(argv, { home });
    expect({ argv, stderr: outcome.stderr, exitCode: outcome.exitCode }).toEqual({ argv, stderr: '', exitCode: 0 });
    counts.push(work.done - before);
  }
  return counts;
}

describe('the work of every command', () => {
  test.each(Object.entries(KINDS))("grows as the number of a session's %s does", async (_, add) => {
    const counts: number[][] = [];
    for (const files of [50, 400]) {
      rmSync(join(home, '.claude'), { recursive: true, force: true });
      put(
        `${PROJECT}/${ID}.jsonl`,
        promptLine('one', { sessionId: ID }) + answerLine('msg', 'two') + line({ type: 'mode' }),
      );
      for (let at = 0; at < files; at += 1) add(at);
      counts.push(await worked());
    }
    const [few = [], many = []] = counts;
    const superlinear = COMMANDS.filter((_command, at) => (many[at] ?? 0) > 10 * (few[at] ?? 0) + 500);
    expect(superlinear.map((argv) => argv.join(' '))).toEqual([]);
  });

  test('grows in proportion to the number of sessions restored to one project dir', async () => {
    const counts: number[] = [];
    for (const sessions of [20, 160]) {
      rmSync(join(home, '.claude'), { recursive: true, force: true });
      const ids = Array.from(
        { length: sessions },
        (_, at) => `11111111-0000-4000-8000-${String(at).padStart(12, '0')}`,
      );
      for (const id of ids)
        put(
          `${PROJECT}/${id}.jsonl`,
          promptLine('one', { sessionId: id, timestamp: OLD.toISOString() }) +
            answerLine(`msg ${id}`, 'two', { timestamp: OLD.toISOString() }),
        );
      expect((await run(['rm', ...ids, '--yes'], { home })).exitCode).toBe(0);
      const before = work.done;
      expect((await run(['restore', ...ids], { home })).exitCode).toBe(0);
      counts.push(work.done - before);
    }
    expect((counts[1] ?? 0) / (counts[0] ?? 1)).toBeLessThan(9);
  });
});
