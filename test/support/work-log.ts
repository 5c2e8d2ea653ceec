import { expect } from 'vitest';
import type { WorkLog } from '../../src/sessions/log/log-record.js';
import { validator } from '../unit/schema/schemas.js';
import { run, type Outcome, type World } from './context.js';
import { answerLine, line, promptLine, temporaryHome, type Members } from './transcripts.js';

/** Ids of the sessions of `home`, and of one that is gone. */
export const A = 'aaaaaaaa-0000-4000-8000-000000000001';
export const B = 'bbbbbbbb-0000-4000-8000-000000000002';
export const C = 'cccccccc-0000-4000-8000-000000000003';
export const GONE = 'dddddddd-0000-4000-8000-000000000004';
/** The time at which the log is made. */
export const NOW = Date.parse('2026-11-20T18:00:00.000Z');
/** Milliseconds of a day. */
export const DAY = 24 * 60 * 60 * 1000;

/** A time on that day, or the day before with a minus sign. */
export function at(time: string): string {
  return time.startsWith('-') ? `2026-11-19T${time.slice(1)}:00.000Z` : `2026-11-20T${time}:00.000Z`;
}

/** A prompt of that time. */
export function prompt(text: string, time: string, members: Members = {}): string {
  return promptLine(text, { timestamp: at(time), parentUuid: null, ...members });
}

/** A response that costs one dollar at list prices. */
export function answer(id: string, time: string, members: Members = {}): string {
  const usage = { input_tokens: 0, output_tokens: 50_000 };
  const message = { id, role: 'assistant', model: 'claude-opus-5', content: [{ type: 'text', text: 'ok' }], usage };
  return answerLine(id, '', { message, timestamp: at(time), ...members });
}

/** A call of a tool on a file, and its result. */
export function change(tool: string, path: string, time: string, members: Members = {}): string {
  const id = `call-${tool}-${path}-${time}`;
  const common = { timestamp: at(time), cwd: '/home/dev/app', isSidechain: false, ...members };
  const call = { type: 'tool_use', id, name: tool, input: { file_path: path } };
  const result = { type: 'tool_result', tool_use_id: id, content: 'done' };
  return (
    line({
      ...common,
      type: 'assistant',
      uuid: `${id}-1`,
      message: { id: `m-${id}`, role: 'assistant', content: [call] },
    }) + line({ ...common, type: 'user', uuid: `${id}-2`, message: { role: 'user', content: [result] } })
  );
}

const INHERITED = { forkedFrom: { sessionId: A, messageUuid: 'a2' } };

/** Two sessions of one folder, one of them a fork of the other, a headless one elsewhere, and one that is gone. */
export function home(): string {
  return temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]: [
      line({ type: 'custom-title', customTitle: 'Fix the *race*', sessionId: A }),
      prompt('long ago', '-09:00', { uuid: 'a1' }),
      answer('r1', '-09:01'),
      prompt('Write the journal\nfirst', '09:00', { uuid: 'a2', parentUuid: 'a1' }),
      answer('r2', '09:10'),
      change('Write', '/home/dev/app/src/a.ts', '09:11'),
      change('Edit', 'src/a.ts', '09:12'),
      change('Read', '/home/dev/app/src/b.ts', '09:13'),
      prompt('Now the same for restore', '10:00', { uuid: 'a3', parentUuid: 'a2' }),
      line({
        type: 'queue-operation',
        operation: 'enqueue',
        timestamp: at('10:05'),
        sessionId: A,
        content: 'not sent',
      }),
    ].join(''),
    [`projects/-home-dev-app/${B}.jsonl`]: [
      prompt('Write the journal\nfirst', '09:00', { uuid: 'a2', sessionId: B, ...INHERITED }),
      answer('r2', '09:10', { sessionId: B, ...INHERITED }),
      change('Write', '/home/dev/app/src/a.ts', '09:11', { sessionId: B, ...INHERITED }),
      prompt('Second try', '11:00', { uuid: 'b2', parentUuid: 'a2', sessionId: B }),
      answer('r3', '11:30', { sessionId: B }),
      change('Edit', '/home/dev/app/src/c.ts', '11:31', { sessionId: B }),
    ].join(''),
    [`projects/-srv-job/${C}.jsonl`]: [
      prompt('Nightly', '12:00', { cwd: '/srv/job', entrypoint: 'sdk-cli' }),
      answer('r4', '12:01', { cwd: '/srv/job', entrypoint: 'sdk-cli' }),
    ].join(''),
    'history.jsonl': `${JSON.stringify({
      display: 'of a session that is gone',
      pastedContents: {},
      timestamp: Date.parse(at('08:00')),
      project: '/home/dev/old',
      sessionId: GONE,
    })}\n`,
  }).path;
}

/** Runs `ccsess log` on a config dir, at 18:00 of that day. */
export function log(configDir: string, args: string[] = [], world: World = {}): Promise<Outcome> {
  return run(['log', ...args, '--config-dir', configDir], { now: NOW, ...world });
}

/** Returns the log as JSON, after a check against its schema. */
export async function record(configDir: string, args: string[] = []): Promise<WorkLog> {
  const { stdout, stderr, exitCode } = await log(configDir, [...args, '--json']);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const found: unknown = JSON.parse(stdout);
  expect(validator('log')(found)).toBe('');
  return found as WorkLog;
}

/** The ids of a log, by folder. */
export function idsOf({ projects }: WorkLog): [cwd: string | null, ids: (string | null)[]][] {
  return projects.map(({ cwd, sessions }) => [cwd, sessions.map(({ id }) => id)]);
}
