import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getSession } from '../../src/index.js';
import { run, type Outcome } from '../support/context.js';
import { addFile, answerLine, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';

/** Creates a home whose project dir `-app` was copied to `-app-copy`; both record the same existing folder. */
function copied(): { home: string; app: string; configDir: string } {
  const home = temporaryFolder('copies');
  const [configDir, app] = [join(home, '.claude'), join(home, 'app')];
  addFile(app, 'README.md', '');
  addFile(
    configDir,
    `projects/-app/${ID}.jsonl`,
    promptLine('Hello', { cwd: app }) + answerLine('m1', 'Hi', { cwd: app }),
  );
  cpSync(join(configDir, 'projects/-app'), join(configDir, 'projects/-app-copy'), { recursive: true });
  return { home, app, configDir };
}

const content = (configDir: string, projectDir: string): string =>
  readFileSync(join(configDir, 'projects', projectDir, `${ID}.jsonl`), 'utf8');

describe('a session copied with its project dir', () => {
  test('is ambiguous by its id, and the error lists unambiguous names', async () => {
    const { home } = copied();
    for (const name of [ID, '3f2a']) {
      const lines = (await run(['show', name], { home })).stderr.split('\n');
      expect(lines[0]).toBe('ccsess: 2 sessions have this id. Name one by its transcript:');
      expect(lines.slice(1, 3).map((text) => text.trim().split('  ')[0])).toEqual([
        `projects/-app/${ID}`,
        `projects/-app-copy/${ID}`,
      ]);
    }
  });

  test('can be chosen on a terminal', async () => {
    const { home } = copied();
    const outcome = await run(['path', ID], { home, answers: [1] });
    expect(outcome.stderr).toContain(`  projects/-app-copy/${ID}  `);
    expect(outcome.stdout).toBe(`${home}/.claude/projects/-app-copy/${ID}.jsonl\n`);
  });

  test.each([
    ['show', '--json'],
    ['path', '--json'],
    ['rename', 'Copy', '--json'],
    ['tag', 'x', '--json'],
    ['archive', '--json'],
    ['pin', '--json'],
  ])('can be named by its transcript in %s', async (command, ...args) => {
    const { home, configDir } = copied();
    const untouched = content(configDir, '-app');
    for (const name of [`projects/-app-copy/${ID}`, `${configDir}/projects/-app-copy/${ID}.jsonl`]) {
      const { stdout, stderr, exitCode } = await run([command, name, ...args], { home });
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toContain('projects/-app-copy/');
      expect(stdout).not.toContain('projects/-app/');
    }
    expect(content(configDir, '-app')).toBe(untouched);
  });

  test('can be resumed, forked, moved and removed by its transcript, even without a terminal', async () => {
    const { home, configDir } = copied();
    const [first, copy] = [`projects/-app/${ID}`, `projects/-app-copy/${ID}`];
    const succeeded = (stdout: unknown): Outcome => ({ stdout, stderr: '', exitCode: 0 }) as Outcome;
    const printed = await run(['resume', copy, '--print-command'], { home });
    expect(printed.stdout).toMatch(new RegExp(` --resume=${configDir}/${copy}\\.jsonl\\n$`));
    const forked = JSON.parse((await run(['fork', copy, '--json'], { home })).stdout) as { projectDir: string };
    expect(forked.projectDir).toBe('-app-copy');
    addFile(home, 'new/README.md', '');
    const moved = await run(['move', '--session', first, '--yes', join(home, 'new')], { home });
    expect(moved).toEqual(succeeded(expect.stringMatching(/\tmoved\n$/)));
    expect(await run(['rm', copy, '--yes', '--config-dir', configDir], { home })).toEqual(succeeded(`${ID}\n`));
    expect((await run(['path', ID], { home })).stdout).toContain('-new/');
  });

  test('can be named by its transcript in the library', async () => {
    const { configDir } = copied();
    const session = await getSession(`projects/-app-copy/${ID}`, { configDir, cacheDir: null });
    expect(session?.path).toBe(`${configDir}/projects/-app-copy/${ID}.jsonl`);
  });

  test('can be named by its id if the other copy is empty', async () => {
    const { home, configDir } = copied();
    addFile(configDir, `projects/-app/${ID}.jsonl`, '');
    expect((await run(['path', ID], { home })).stdout).toBe(`${configDir}/projects/-app-copy/${ID}.jsonl\n`);
    expect((await run(['path', `projects/-app/${ID}`], { home })).stdout).toBe(
      `${configDir}/projects/-app/${ID}.jsonl\n`,
    );
    expect((await getSession(ID, { configDir, cacheDir: null }))?.metadata.projectDir).toBe('-app-copy');
  });
});
