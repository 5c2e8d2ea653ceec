import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { divideSteps } from '../../../src/sessions/move/divide-steps.js';
import { safeName } from '../../../src/system/safe-path.js';
import { run } from '../../support/context.js';
import { disk, id, put } from '../claude/disk.js';

const journalOf = (parts: object): string =>
  JSON.stringify({ version: 1, sessions: [], memory: [], readers: [], ...parts });
const step = (more: object = {}): object => ({
  id: id(1),
  from: '-src',
  to: '-new',
  cwd: '/x',
  size: 3,
  mtimeMs: 1,
  agents: ['agent-a.jsonl'],
  ...more,
});
const LINE = '{"type":"user"}\n';

/** A config dir with a journal, and a folder outside of it. */
function scene(journal: object, files: Record<string, string> = {}): { outside: string; config: string } {
  const root = disk({
    'outside/agent-a.jsonl': 'secret',
    [`outside/${id(1)}.jsonl`]: LINE,
    [`outside/.${id(1)}.jsonl.abc.tmp`]: 'theirs',
    [`outside/${id(1)}/tool-results/a.txt`]: '',
    'outside/memory/MEMORY.md': 'remember',
  });
  const config = join(root, 'config');
  put(config, { '.ccsess/move.journal': journalOf(journal), ...files });
  mkdirSync(join(config, 'projects'), { recursive: true });
  return { outside: join(root, 'outside'), config };
}

const tree = (root: string): unknown =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'utf8')]);

const recover = (config: string) =>
  run(['recover'], { configDirs: resolveConfigDirs({ explicit: [config], env: {}, home: '/nowhere', cwd: '/' }) });

test.each<[string, object, string, Record<string, string>]>([
  ['its old project dir', { sessions: [step()] }, '-src', { [`projects/-new/${id(1)}.jsonl`]: LINE }],
  ['its new project dir', { sessions: [step()] }, '-new', { [`projects/-src/${id(1)}.jsonl`]: LINE }],
  ['a new project dir that has the transcript', { sessions: [step()] }, '-new', {}],
  ['the project dir of a reader', { readers: [{ id: id(1), projectDir: '-src' }] }, '-src', {}],
  ['the project dir of a memory', { memory: [{ from: '-src', to: '-new' }] }, '-src', {}],
])('a journal is not followed through a link at %s', async (_where, journal, link, files) => {
  const { outside, config } = scene(journal, files);
  symlinkSync(outside, join(config, 'projects', link));
  const before = [tree(outside), tree(join(config, 'projects'))];
  const { stderr, exitCode } = await recover(config);
  expect([tree(outside), tree(join(config, 'projects'))]).toEqual(before);
  expect(stderr).toContain(`${join(config, 'projects', link)} is a link, and links are not followed there.\n`);
  expect(exitCode).toBe(3);
  // Reported only once, since ccsess never moved what the step names.
  expect(await recover(config)).toEqual({ stdout: 'Nothing to recover.\n', stderr: '', exitCode: 0 });
});

test.each<[string, string, string]>([
  ['transcript', `${id(1)}.jsonl`, `${id(1)}.jsonl`],
  ['side folder', id(1), id(1)],
])('a journal is not followed through a linked %s', async (_what, target, name) => {
  const isTranscript = name.endsWith('.jsonl');
  const { outside, config } = scene(
    { sessions: [step({ size: LINE.length })] },
    isTranscript ? { 'projects/-new/x': '' } : { [`projects/-new/${id(1)}.jsonl`]: LINE },
  );
  symlinkSync(join(outside, target), join(config, 'projects/-new', name));
  const before = tree(outside);
  expect((await recover(config)).stderr).toContain(`${id(1)} is left as it is: `);
  expect(tree(outside)).toEqual(before);
});

test('the other sessions of such a journal are settled', async () => {
  const other = id(2);
  const { outside, config } = scene(
    { sessions: [step(), step({ id: other, from: '-old', agents: [] })] },
    { [`projects/-new/${other}.jsonl`]: LINE, [`projects/-old/${other}/custom-title.json`]: '{}' },
  );
  symlinkSync(outside, join(config, 'projects/-src'));
  expect(await recover(config)).toMatchObject({
    stderr: expect.stringContaining('1 session moved, 0 sessions not.') as string,
  });
  expect(readdirSync(join(config, 'projects/-new')).sort()).toEqual([other, `${other}.jsonl`]);
  expect(readFileSync(join(config, `projects/-new/${other}.jsonl`), 'utf8')).toContain('"relocated"');
});

test('a path that cannot be looked at is an error, not a step that is left out', () => {
  const root = disk({ 'projects/-a/x': '' });
  const [configDir] = resolveConfigDirs({ explicit: [root], env: {}, home: '/nowhere', cwd: '/' });
  if (configDir === undefined) throw new Error('a path is always a config dir');
  const readers = [{ id: sessionIdOf(id(1)), projectDir: safeName('x'.repeat(300)) }];
  expect(() => divideSteps({ configDir, sessions: [], memory: [], readers })).toThrow(
    expect.objectContaining({ code: 'ENAMETOOLONG' }),
  );
});
