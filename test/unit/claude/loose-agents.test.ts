import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLegacyAgents, legacyAgentSession } from '../../../src/claude/scan/legacy-agents.js';
import { configDirs, disk, id, listed } from './disk.js';

const line = (entry: object): string => `${JSON.stringify(entry)}\n`;
const sessionIn = (text: string): string | null =>
  legacyAgentSession(join(disk({ 'agent-x.jsonl': text }), 'agent-x.jsonl'));

test('the session of a legacy agent file is in its first line', () => {
  expect(sessionIn(line({ parentUuid: null, isSidechain: true, cwd: '/a "b"', sessionId: id(1), message: {} }))).toBe(
    id(1),
  );
});

test('it is found in a later line, after nested members, and in a first line longer than the part that is read', () => {
  expect(sessionIn(`garbage\n${line({ type: 'x' })}${line({ sessionId: id(2) })}`)).toBe(id(2));
  expect(sessionIn(line({ message: { sessionId: id(8) }, sessionId: id(3) }))).toBe(id(3));
  expect(sessionIn(line({ type: 'user', sessionId: id(4), message: 'x'.repeat(100_000) }))).toBe(id(4));
});

test('a nested session id does not count', () => {
  expect(sessionIn(line({ message: { sessionId: id(8) } }))).toBeNull();
  expect(sessionIn(line({ message: { text: 'x'.repeat(100_000), sessionId: id(8) } }))).toBeNull();
});

test('a file that cannot be read names no session', () => {
  expect(sessionIn('')).toBeNull();
  expect(legacyAgentSession('/no/such/file')).toBeNull();
  const fifo = join(disk(), 'agent-x.jsonl');
  execFileSync('mkfifo', [fifo]);
  expect(legacyAgentSession(fifo)).toBeNull();
});

test('each belongs to the session that it names, in the same project dir', () => {
  const root = disk({
    [`projects/p/${id(1)}.jsonl`]: '',
    [`projects/p/${id(1)}/subagents/agent-new.jsonl`]: '',
    [`projects/q/${id(1)}.jsonl`]: '',
    'projects/p/agent-a.jsonl': line({ sessionId: id(1) }),
    'projects/p/agent-b.jsonl': line({ sessionId: id(1) }),
    'projects/p/agent-gone.jsonl': line({ sessionId: id(7) }),
    'projects/q/agent-broken.jsonl': '',
  });

  const transcripts = listed(configDirs(root)).flatMap((folder) => withLegacyAgents(folder));

  expect(
    transcripts.map(({ projectDir, agents }) => [projectDir, agents.map(({ agentId }) => agentId).sort()]).sort(),
  ).toEqual([
    ['p', ['a', 'b', 'new']],
    ['q', []],
  ]);
});

test('a cached result avoids reading the file', () => {
  const root = disk({ [`projects/p/${id(1)}.jsonl`]: '', 'projects/p/agent-a.jsonl': '' });
  const [file] = listed(configDirs(root)).flatMap((folder) => withLegacyAgents(folder, () => id(1)));
  expect(file?.agents.map(({ agentId }) => agentId)).toEqual(['a']);
});
