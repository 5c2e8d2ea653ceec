import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { run, type Outcome } from '../support/context.js';
import { emptyConfigDir, PROJECT, writeSession } from '../support/trees.js';
import { addFile, line, promptLine } from '../support/transcripts.js';

const ONE = 'aaaaaaaa-0000-4000-8000-000000000001';
const TWO = 'bbbbbbbb-0000-4000-8000-000000000002';

describe('a suggested command', () => {
  let configDir = '';
  beforeEach(() => {
    const parent = emptyConfigDir();
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    configDir = join(parent, 'a team');
    mkdirSync(join(configDir, 'projects'), { recursive: true });
    for (const id of [ONE, TWO]) writeSession(configDir, id);
  });

  const inDir = (...argv: string[]): Promise<Outcome> =>
    run([...argv, '--config-dir', configDir, '--color', 'never'], {
      terminal: 400,
      home: '/nowhere',
      cwd: '/',
      answers: [true],
    });

  /** The commands in an output that do not name the config dir, without those that cannot be run unchanged. */
  const elsewhere = ({ stdout, stderr }: Outcome): string[] =>
    [...`${stdout}${stderr}`.matchAll(/ccsess (?!--config-dir|pin keeps it)[a-z]+.*/g)].map(([text]) => text);

  test.each<string[]>([
    ['list', 'aaaaaaaa'],
    ['list', 'nothing-has-this-word'],
    ['list', 'all'],
    ['list', '7d'],
    ['search', 'prompt'],
    ['show', ONE],
    ['create', '--title', 'New', '--cwd', '/'],
    ['fork', ONE, '--at', '1'],
    ['rm', ONE, '--yes', '--no-compress'],
    ['prune', '--older-than', '1d', '--yes'],
  ])('of %s %s names the config dir that was named', async (...argv) => {
    const outcome = await inDir(...argv);
    expect(outcome.exitCode).toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toContain(`ccsess --config-dir '${configDir}' `);
    expect(elsewhere(outcome)).toEqual([]);
  });

  test.each<string[]>([['projects'], ['forecast', '--within', '90d']])(
    'of %s names the config dir that was named',
    async (...argv) => {
      const outcome = await inDir(...argv);
      expect(outcome.exitCode).toBe(0);
      expect(outcome.stdout).toContain(`ccsess --config-dir '${configDir}' `);
      expect(elsewhere(outcome)).toEqual([]);
    },
  );

  test.each<string[]>([
    ['show', 'nothing-has-this-title'],
    ['restore', 'nothing-has-this-title'],
    ['rewind', ONE],
    ['prune'],
  ])('of an error of %s %s names the config dir that was named', async (...argv) => {
    const outcome = await inDir(...argv);
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toContain(`ccsess --config-dir '${configDir}' `);
    expect(elsewhere(outcome)).toEqual([]);
  });

  test('of rm without a terminal names the config dir that was named', async () => {
    const { stderr } = await run(['rm', '@1', '--yes', '--config-dir', configDir], { cwd: '/' });
    expect(stderr).toContain(`  ccsess --config-dir '${configDir}' rm --yes `);
  });

  test('leaves claude --resume out, which would look in another config dir', async () => {
    expect((await inDir('create', '--title', 'New', '--cwd', '/')).stdout).not.toContain('claude --resume');
    const outcome = await run(['create', '--title', 'New', '--cwd', '/'], {
      terminal: 400,
      env: { CLAUDE_CONFIG_DIR: configDir },
      cwd: '/',
    });
    expect(outcome.stdout).toContain('claude --resume ');
  });

  test('names the trash folder too, and restores from it', async () => {
    const trashDir = join(configDir, 'another trash');
    const { stdout } = await inDir('rm', ONE, '--yes', '--trash-dir', trashDir);
    expect(stdout).toContain(
      `\nUndo: ccsess --config-dir '${configDir}' restore @last-prune --trash-dir '${trashDir}'\n`,
    );
    const listed = await inDir('trash', '--trash-dir', trashDir);
    expect(listed.stdout).toContain(
      `bring back with ccsess --config-dir '${configDir}' restore --trash-dir '${trashDir}' <id>`,
    );
    expect((await inDir('show', ONE)).exitCode).toBe(4);
    expect((await inDir('restore', '@last-prune', '--trash-dir', trashDir)).exitCode).toBe(0);
    expect((await inDir('show', ONE)).exitCode).toBe(0);
  });

  test('for a session in the trash restores it there', async () => {
    await inDir('rm', ONE, '--yes');
    expect((await inDir('show', ONE)).stderr).toContain(`\n  ccsess --config-dir '${configDir}' restore ${ONE}\n`);
    expect((await inDir('trash', 'show', ONE)).stdout).toContain(
      `Restore: ccsess --config-dir '${configDir}' restore `,
    );
  });

  test('is short where no flag names the config dir', async () => {
    addFile(configDir, `projects/${PROJECT}/${TWO}.jsonl`, promptLine('x') + line({ type: 'ai-title', aiTitle: 'T' }));
    const outcome = await run(['list', 'T'], { terminal: 80, env: { CLAUDE_CONFIG_DIR: configDir }, cwd: '/' });
    expect(outcome.stdout).not.toContain('--config-dir');
  });
});
