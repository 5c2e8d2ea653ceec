import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { list, listedIds, SESSIONS } from '../../support/list-sessions.js';
import { temporaryFolder } from '../../support/temporary.js';

describe('list by cost', () => {
  test('sorts the most expensive first, counts inherited tokens, and shows the column sorted by', async () => {
    expect(await listedIds('--sort cost')).toEqual([
      '3f2a',
      '9be0',
      ...Array(SESSIONS.length - 2).fill(expect.any(String)),
    ]);
    const { stdout } = await list('--sort cost -L 2', { terminal: 80 });
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => `${line.slice(0, 20)}${line.slice(-15)}`),
    ).toEqual([
      '  ID        ACTIVE  PROMPTS    COST',
      '● 3f2a91c0  live         31  $14.07',
      '  9be01d77  2h           18   $2.73',
    ]);
  });

  test('--prices may be a pipe, which can be read only once', async () => {
    const folder = temporaryFolder('list');
    const pipe = join(folder, 'prices');
    execFileSync('mkfifo', [pipe]);
    // A second read would find the pipe empty.
    const writer = spawn('sh', ['-c', `echo '{"models":{"*":{"input":1,"output":10}}}' >"$0"; : >"$0"`, pipe]);
    onTestFinished(() => {
      writer.kill();
    });
    const { stdout } = await list(`--json --sort cost -L 1 --prices ${pipe}`);
    expect(JSON.parse(stdout)).toMatchObject([{ costUsd: 7.035 }]);
  });

  test('--min-cost excludes cheaper sessions', async () => {
    expect(await listedIds('--min-cost 2.73')).toEqual(['3f2a', '9be0']);
    expect(await listedIds('--min-cost $3')).toEqual(['3f2a']);
    expect(await list('--min-cost 100')).toEqual({
      stdout: '',
      stderr: 'No sessions match --min-cost 100 (searched 11).\n',
      exitCode: 0,
    });
  });

  test.each([
    ['--min-cost five', 'ccsess: --min-cost five: not an amount of US dollars, such as 5 or 0.50.\n'],
    ['--min-cost -1', 'ccsess: --min-cost -1: not an amount of US dollars, such as 5 or 0.50.\n'],
    ['--prices /nowhere.json', 'ccsess: --prices /nowhere.json: no such file.\n'],
  ])('%s is refused', async (args, stderr) => {
    expect(await list(args)).toEqual({ stdout: '', stderr, exitCode: 2 });
  });
});
