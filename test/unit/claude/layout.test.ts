import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { footprintPaths } from '../../../src/claude/footprint-paths.js';
import { footprint, listIdArtifacts, sessionRoots, type Footprint } from '../../../src/claude/layout.js';
import { withLegacyAgents } from '../../../src/claude/scan/legacy-agents.js';
import { configDirs, disk, id, onlySession, put, listed } from './disk.js';

const S = id(1);
const T = `projects/p/${S}`;
const byPart = ({ parts }: Footprint): Record<string, [number, number]> =>
  Object.fromEntries(parts.map(({ part, files, bytes }) => [part, [files, bytes]]));

/**
 * Writes every file that Claude Code is known to leave for a session, and next to each one a file that belongs to no
 * session or to all.
 */
function fullSession(): string {
  return disk({
    [`${T}.jsonl`]: '1234567890',
    [`${T}/subagents/agent-a.jsonl`]: '12',
    [`${T}/subagents/agent-a.meta.json`]: '1',
    [`${T}/subagents/workflows/wf/journal.jsonl`]: '1',
    [`${T}/tool-results/x.txt`]: '123',
    [`${T}/workflows/scripts/w.js`]: '1234',
    [`${T}/custom-title.json`]: '12345',
    [`${T}/archived.json`]: '1',
    [`${T}/pinned.json`]: '1',
    [`${T}/precompact.json`]: '1',
    [`${T}/mcp-tasks/a.json`]: '1',
    [`${T}/remote-agents/a.json`]: '12',
    [`${T}/before-cleanup/1-0a0b0c0d.jsonl.replaced`]: '123',
    [`${T}/1.cast`]: '123456',
    [`file-history/${S}/abc@v1`]: '1234567',
    [`tasks/${S}/.lock`]: '',
    [`tasks/${S}/1.json`]: '12345678',
    [`debug/${S}.txt`]: '123456789',
    [`todos/${S}-agent-${S}.json`]: '1',
    [`todos/${S}-agent-${id(5)}.json`]: '12',
    [`image-cache/${S}/1.png`]: '1',
    [`uploads/${S}/f`]: '1',
    'projects/p/memory/notes.md': 'x',
    [`file-history/${id(2)}/abc@v1`]: 'x',
    [`todos/${id(2)}-agent-${S}.json`]: 'x',
    [`jobs/${S.slice(0, 8)}/state.json`]: '{}',
    [`sessions/1.json`]: '{}',
    'history.jsonl': 'x',
    'paste-cache/abc.txt': 'x',
    'plans/p.md': 'x',
    'shell-snapshots/s.sh': 'x',
    'settings.json': '{}',
  });
}

test('the footprint of a session is every file of its parts, and nothing that is shared', () => {
  const root = fullSession();
  mkdirSync(join(root, `session-env/${S}`), { recursive: true });

  const whole = footprint(onlySession(root));

  expect(byPart(whole)).toEqual({
    transcript: [1, 10],
    subagents: [3, 4],
    'tool-results': [1, 3],
    workflows: [1, 4],
    sidecars: [4, 8],
    'mcp-tasks': [1, 1],
    'remote-agents': [1, 2],
    'before-cleanup': [1, 3],
    other: [1, 6],
    'file-history': [1, 7],
    tasks: [2, 8],
    debug: [1, 9],
    todos: [2, 3],
    'image-cache': [1, 1],
    uploads: [1, 1],
  });
  expect([whole.files, whole.bytes]).toEqual([22, 70]);
});

test('its roots are whole files and folders, empty ones too', () => {
  const root = fullSession();
  mkdirSync(join(root, `session-env/${S}`), { recursive: true });

  const roots = sessionRoots(onlySession(root)).map(({ part, path }) => `${part} ${path.slice(root.length + 1)}`);

  expect(roots.sort()).toEqual(
    [
      `transcript ${T}.jsonl`,
      `subagents ${T}/subagents`,
      `tool-results ${T}/tool-results`,
      `workflows ${T}/workflows`,
      `sidecars ${T}/custom-title.json`,
      `sidecars ${T}/archived.json`,
      `sidecars ${T}/pinned.json`,
      `sidecars ${T}/precompact.json`,
      `mcp-tasks ${T}/mcp-tasks`,
      `remote-agents ${T}/remote-agents`,
      `before-cleanup ${T}/before-cleanup`,
      `other ${T}/1.cast`,
      `file-history file-history/${S}`,
      `tasks tasks/${S}`,
      `session-env session-env/${S}`,
      `debug debug/${S}.txt`,
      `todos todos/${S}-agent-${S}.json`,
      `todos todos/${S}-agent-${id(5)}.json`,
      `image-cache image-cache/${S}`,
      `uploads uploads/${S}`,
    ].sort(),
  );
});

test('the paths name each file with its part', async () => {
  const root = disk({
    [`${T}.jsonl`]: '',
    [`${T}/tool-results/b.txt`]: '',
    [`${T}/tool-results/a.txt`]: '',
    [`tasks/${S}/.lock`]: '',
  });
  mkdirSync(join(root, `session-env/${S}`), { recursive: true });
  symlinkSync('/', join(root, `tasks/${S}/out`));

  expect(await footprintPaths(onlySession(root))).toEqual([
    { part: 'transcript', path: join(root, `${T}.jsonl`) },
    { part: 'tool-results', path: join(root, `${T}/tool-results/a.txt`) },
    { part: 'tool-results', path: join(root, `${T}/tool-results/b.txt`) },
    { part: 'tasks', path: join(root, `tasks/${S}/.lock`) },
    { part: 'tasks', path: join(root, `tasks/${S}/out`) },
    { part: 'session-env', path: join(root, `session-env/${S}`) },
  ]);
});

test('hard links count once, even across the parts of a session', () => {
  const root = disk({ [`${T}.jsonl`]: '123', [`file-history/${S}/a@v1`]: '12345' });
  linkSync(join(root, `file-history/${S}/a@v1`), join(root, `file-history/${S}/a@v2`));
  mkdirSync(join(root, `tasks/${S}`), { recursive: true });
  linkSync(join(root, `file-history/${S}/a@v1`), join(root, `tasks/${S}/1.json`));
  linkSync(join(root, `${T}.jsonl`), join(root, `tasks/${S}/2.json`));

  const { files, bytes, parts } = footprint(onlySession(root));

  expect([files, bytes]).toEqual([2, 8]);
  expect(parts.flatMap(({ paths }) => paths)).toHaveLength(5);
});

test('links and pipes are listed but neither followed nor counted', () => {
  const root = disk({ [`${T}.jsonl`]: '', [`${T}/tool-results/x.txt`]: '12', 'outside/big': '1234567890' });
  symlinkSync(join(root, 'outside'), join(root, `${T}/tool-results/link`));
  execFileSync('mkfifo', [join(root, `${T}/tool-results/pipe`)]);

  const whole = footprint(onlySession(root));

  expect(byPart(whole)).toEqual({ transcript: [1, 0], 'tool-results': [1, 2] });
  expect(whole.parts.at(-1)?.paths).toHaveLength(3);
});

test('a linked side folder is not entered, a linked transcript counts with the size of its target', () => {
  const root = disk({ 'outside/t': '1234', 'outside/side/x': '12', 'projects/p/x': '' });
  symlinkSync(join(root, 'outside/t'), join(root, `${T}.jsonl`));
  symlinkSync(join(root, 'outside/side'), join(root, T));

  expect(byPart(footprint(onlySession(root)))).toEqual({ transcript: [1, 4] });
});

test('legacy agent files of the session are among its subagents', () => {
  const root = disk({ [`${T}.jsonl`]: '', 'projects/p/agent-a.jsonl': JSON.stringify({ sessionId: S }) });
  const [file] = listed(configDirs(root)).flatMap((folder) => withLegacyAgents(folder));

  expect(byPart(footprint(file!))).toEqual({ transcript: [1, 0], subagents: [1, 52] });
});

test('files that vanished since the scan are skipped', () => {
  const root = disk({ [`${T}.jsonl`]: '1', [`${T}/tool-results/x.txt`]: '12', [`debug/${S}.txt`]: '1' });
  const file = onlySession(root);
  const idArtifacts = listIdArtifacts([file.configDir]);
  rmSync(join(root, T), { recursive: true });
  rmSync(join(root, 'debug'), { recursive: true });

  expect(byPart(footprint(file, idArtifacts))).toEqual({ transcript: [1, 1] });
});

test('accounts that share their transcripts share the files stored by session id; other accounts do not', () => {
  const root = disk({
    [`a/${T}.jsonl`]: '',
    [`a/tasks/${S}/1.json`]: '1',
    [`b/tasks/${S}/1.json`]: '12',
    'c/projects/p/x': '',
  });
  symlinkSync(join(root, 'a/projects'), join(root, 'b/projects'));
  put(root, { [`c/${T}.jsonl`]: '', [`c/tasks/${S}/1.json`]: '1234' });
  const dirs = configDirs(...['a', 'b', 'c'].map((name) => join(root, name)));

  const idArtifacts = listIdArtifacts(dirs);
  const tasks = listed(dirs)
    .flatMap(({ transcripts }) => transcripts)
    .map((file) => byPart(footprint(file, idArtifacts))['tasks']);

  expect(tasks).toEqual([
    [2, 3],
    [1, 4],
  ]);
});
