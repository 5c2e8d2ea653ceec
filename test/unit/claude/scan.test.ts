import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSessionId } from '../../../src/claude/scan/scan.js';
import { disk, type Found, id, put, scanned as scan } from './disk.js';
import { withoutPrivileges } from '../../support/other-user.js';

const found = ({ transcripts }: Found): string[] =>
  transcripts.map(({ projectDir, id: name }) => `${projectDir}/${name}`).sort();
const problems = (result: Found, root: string): string[] =>
  result.problems.map(({ code, message, file }) => `${code} ${file.replace(`${root}/`, '')}: ${message}`).sort();

test('a transcript is <uuid>.jsonl directly in a project dir, in either case, even when empty', () => {
  const upper = 'ABCDEF01-0000-1000-8000-00000000ABCD';
  const root = disk({
    [`projects/p/${id(1)}.jsonl`]: 'one\n',
    [`projects/q/${upper}.jsonl`]: '',
    'projects/p/session-basic.jsonl': 'not a session',
    [`projects/p/${id(2)}.json`]: '',
    [`projects/p/deeper/${id(3)}.jsonl`]: '',
    [`projects/${id(4)}.jsonl`]: '',
    'projects/p/memory/notes.md': '',
  });

  const result = scan(root);

  expect(found(result)).toEqual([`p/${id(1)}`, `q/${upper}`]);
  expect(result.transcripts.map(({ stamp }) => stamp.size)).toEqual([4, 0]);
  expect(result.transcripts[0]?.path).toBe(join(root, `projects/p/${id(1)}.jsonl`));
  expect(result.problems).toEqual([]);
});

test('a session has the names in its side folder and its subagents, including those of workflows', () => {
  const root = disk({
    [`projects/p/${id(1)}.jsonl`]: '',
    [`projects/p/${id(1)}/custom-title.json`]: '{}',
    [`projects/p/${id(1)}/subagents/agent-a1.jsonl`]: '12345',
    [`projects/p/${id(1)}/subagents/agent-a1.meta.json`]: '{}',
    [`projects/p/${id(1)}/subagents/workflows/wf_1/agent-b2.jsonl`]: '',
    [`projects/p/${id(1)}/subagents/workflows/wf_1/journal.jsonl`]: '',
  });

  const [file] = scan(root).transcripts;

  expect([...(file?.sideEntries ?? [])].sort()).toEqual(['custom-title.json', 'subagents']);
  expect(file?.agents.map(({ agentId, stamp }) => [agentId, stamp.size]).sort()).toEqual([
    ['a1', 5],
    ['b2', 0],
  ]);
});

test('a side folder without a transcript is not a session', () => {
  expect(scan(disk({ [`projects/p/${id(1)}/tool-results/x.txt`]: '' })).transcripts).toEqual([]);
});

test('legacy agent files next to the sessions are listed separately', () => {
  const result = scan(disk({ 'projects/p/agent-abc.jsonl': '{}', [`projects/p/${id(1)}.jsonl`]: '' }));

  expect(result.legacyAgents.map(({ agentId }) => agentId)).toEqual(['abc']);
  expect(result.transcripts[0]?.agents).toEqual([]);
});

test('linked transcripts and project dirs count; a project dir reached twice is scanned once, by its own name', () => {
  const root = disk({ [`projects/p/${id(1)}.jsonl`]: '', [`elsewhere/${id(2)}.jsonl`]: 'text' });
  symlinkSync(join(root, 'projects/p'), join(root, 'projects/a-link-to-p'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'projects/outside'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'projects/outside-again'));
  symlinkSync(join(root, `elsewhere/${id(2)}.jsonl`), join(root, `projects/p/${id(3)}.jsonl`));

  const result = scan(root);

  expect(found(result)).toEqual([`outside/${id(2)}`, `p/${id(1)}`, `p/${id(3)}`]);
  expect(result.transcripts.find((file) => file.id === id(3))?.stamp.size).toBe(4);
  expect(result.problems).toEqual([]);
});

test('anything named like a transcript but not a regular file becomes a problem and is never opened', () => {
  const root = disk({ [`projects/p/${id(9)}.jsonl`]: '' });
  const at = (n: number): string => join(root, `projects/p/${id(n)}.jsonl`);
  mkdirSync(at(1));
  execFileSync('mkfifo', [at(2)]);
  symlinkSync('/dev/zero', at(3));
  symlinkSync('nothing-there', at(4));
  symlinkSync(at(5), at(5));
  symlinkSync(at(2), at(6));
  symlinkSync('gone', join(root, 'projects/gone-project'));

  const result = scan(root);

  expect(found(result)).toEqual([`p/${id(9)}`]);
  const notAFile = 'Named like a transcript but not a regular file.';
  expect(problems(result, root)).toEqual([
    `not-a-file projects/p/${id(1)}.jsonl: ${notAFile}`,
    `not-a-file projects/p/${id(2)}.jsonl: ${notAFile}`,
    `not-a-file projects/p/${id(3)}.jsonl: ${notAFile}`,
    `not-a-file projects/p/${id(6)}.jsonl: ${notAFile}`,
    'unreadable projects/gone-project: A link that leads nowhere.',
    `unreadable projects/p/${id(4)}.jsonl: A link that leads nowhere.`,
    `unreadable projects/p/${id(5)}.jsonl: Cannot be read (ELOOP).`,
  ]);
});

test('links in side folders are not followed', () => {
  const root = disk({ [`projects/p/${id(1)}.jsonl`]: '', [`projects/p/${id(1)}/subagents/agent-real.jsonl`]: '' });
  const side = join(root, `projects/p/${id(1)}/subagents`);
  symlinkSync(join(side, 'agent-real.jsonl'), join(side, 'agent-link.jsonl'));
  symlinkSync(side, join(side, 'loop'));

  expect(scan(root).transcripts[0]?.agents.map(({ agentId }) => agentId)).toEqual(['real']);
});

test('config dirs that share their projects are scanned once, under the first; others each by themselves', () => {
  const root = disk({ [`a/projects/p/${id(1)}.jsonl`]: '', [`c/projects/p/${id(1)}.jsonl`]: '' });
  mkdirSync(join(root, 'b'));
  symlinkSync(join(root, 'a/projects'), join(root, 'b/projects'));

  const { transcripts } = scan(join(root, 'b'), join(root, 'a'), join(root, 'c'));

  expect(transcripts.map(({ path }) => path)).toEqual([
    join(root, `b/projects/p/${id(1)}.jsonl`),
    join(root, `c/projects/p/${id(1)}.jsonl`),
  ]);
});

test('a config dir without projects, or none at all, is empty without a complaint', () => {
  const nothing = { transcripts: [], legacyAgents: [], projectDirs: [], problems: [] };
  expect(scan(disk())).toEqual(nothing);
  expect(scan('/no/such/config-dir')).toEqual(nothing);
});

test('empty project dirs are seen too', () => {
  const root = disk({ [`projects/p/${id(1)}.jsonl`]: '' });
  mkdirSync(join(root, 'projects/empty'));
  expect(scan(root).projectDirs.sort()).toEqual(['empty', 'p']);
});

test('projects/ that is a file is a problem', () => {
  const root = disk({ projects: '' });
  expect(problems(scan(root), root)).toEqual(['unreadable projects: Cannot be read (ENOTDIR).']);
});

test('an unreadable project dir is a problem, and the rest is found', async () => {
  const root = disk({ [`projects/closed/${id(1)}.jsonl`]: '' });
  put(root, { [`projects/open/${id(2)}.jsonl`]: '' });
  chmodSync(join(root, 'projects/closed'), 0);

  const result = await withoutPrivileges(root, () => scan(root));

  expect(found(result)).toEqual([`open/${id(2)}`]);
  expect(problems(result, root)).toEqual(['unreadable projects/closed: Cannot be read (EACCES).']);
});

test('times keep their fraction of a millisecond', () => {
  const root = disk({ [`projects/p/${id(1)}.jsonl`]: '' });
  execFileSync('touch', ['-d', '2026-03-01T00:00:00.123456789Z', join(root, `projects/p/${id(1)}.jsonl`)]);
  expect(scan(root).transcripts[0]?.stamp.mtimeMs).toBeCloseTo(Date.UTC(2026, 2, 1) + 123.456789, 3);
});

test('a session id is a uuid of any version', () => {
  expect(isSessionId(id(1))).toBe(true);
  expect(isSessionId('ABCDEF01-2345-1789-0BCD-EF0123456789')).toBe(true);
  expect(isSessionId(`${id(1)}0`)).toBe(false);
  expect(isSessionId('0000000000000-0000-4000-800000000000')).toBe(false);
});

test('each session is listed once if names of dirs are not UTF-8 and decode to the same text', () => {
  const root = disk({ [`projects/\ufffd/${id(1)}.jsonl`]: '' });
  execFileSync('sh', ['-c', `mkdir "$0/projects/$(printf '\\377')"`, root]);

  const result = scan(root);

  expect(found(result)).toEqual([`\ufffd/${id(1)}`]);
  expect(result.problems.map(({ code }) => code)).toEqual(['unreadable']);
});
