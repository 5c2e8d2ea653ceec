import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/context.js';
import { fixtureHome } from '../support/fixtures.js';

const AGENTS = '00000003-0000-4000-8000-000000000001';

async function path(home: string, ...args: string[]): Promise<string[]> {
  const { stdout, stderr, exitCode } = await run(['path', ...args, '--config-dir', home]);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout.trimEnd().split('\n');
}

test('prints the path of the transcript and nothing else', async () => {
  const home = fixtureHome('recorded/print');
  const project = join(home, 'projects', '-home-dev-lab-work-print');
  expect(await path(home, AGENTS)).toEqual([join(project, `${AGENTS}.jsonl`)]);
  expect(await path(home, AGENTS, '--dir')).toEqual([project]);
  expect(await path(home, AGENTS, '--cwd')).toEqual(['/home/dev/lab/work/print']);
});

test('--all prints all files of the session', async () => {
  const home = fixtureHome('recorded/print');
  const all = await path(home, AGENTS, '--all');
  const side = join(home, 'projects', '-home-dev-lab-work-print', AGENTS);
  expect(all[0]).toBe(`${side}.jsonl`);
  for (const name of readdirSync(join(side, 'subagents'))) expect(all).toContain(join(side, 'subagents', name));
  expect(all.every((one) => existsSync(one))).toBe(true);
});

test('--json is the record', async () => {
  const home = fixtureHome('recorded/print');
  const [text = ''] = await path(home, AGENTS, '--json');
  expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1, id: AGENTS, transcript: (await path(home, AGENTS))[0] });
});

test('two kinds of path at once are refused', async () => {
  const outcome = await run(['path', AGENTS, '--dir', '--cwd', '--config-dir', fixtureHome('recorded/print')]);
  expect(outcome).toEqual({
    stdout: '',
    stderr: 'ccsess: --dir, --cwd and --all cannot be combined.\n',
    exitCode: 2,
  });
});
