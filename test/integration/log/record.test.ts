import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workLog } from '../../../src/index.js';
import { run } from '../../support/context.js';
import { fixtureHome, fixtureNames } from '../../support/fixtures.js';
import { temporaryHome } from '../../support/transcripts.js';
import { A, answer, at, B, C, change, GONE, home, idsOf, log, NOW, prompt, record } from '../../support/work-log.js';

describe('the record of ccsess log', () => {
  test('contains the work of each session in the last 24 hours, without inherited work', async () => {
    const found = await record(home());
    expect(found).toMatchObject({ since: at('-18:00'), until: null, omitted: 0 });
    expect(idsOf(found)).toEqual([
      ['/srv/job', [C]],
      ['/home/dev/app', [B, A]],
      ['/home/dev/old', [GONE]],
    ]);
    const [b, a] = found.projects[1]?.sessions ?? [];
    expect(a).toMatchObject({
      title: 'Fix the *race*',
      titleSource: 'custom',
      kind: 'interactive',
      gitBranch: 'main',
      firstAt: at('09:00'),
      lastAt: at('10:05'),
      costUsd: 1.25,
      unpricedTokens: 0,
      prompts: [
        { prompt: 2, timestamp: at('09:00'), text: 'Write the journal\nfirst' },
        { prompt: 3, timestamp: at('10:00'), text: 'Now the same for restore' },
      ],
      files: [{ path: '/home/dev/app/src/a.ts', writes: 1, edits: 1 }],
      source: 'transcript',
    });
    expect(b).toMatchObject({
      firstAt: at('11:00'),
      lastAt: at('11:31'),
      costUsd: 1.25,
      prompts: [{ text: 'Second try' }],
      files: [{ path: '/home/dev/app/src/c.ts', writes: 0, edits: 1 }],
    });
    expect(found.projects[2]?.sessions).toMatchObject([
      {
        projectDir: null,
        title: null,
        kind: null,
        costUsd: null,
        prompts: [{ prompt: null }],
        files: [],
        source: 'history',
      },
    ]);
    expect(found.totals).toEqual({ sessions: 4, prompts: 5, costUsd: 3.75, unpricedTokens: 0, filesChanged: 2 });
  });

  test.each(fixtureNames('recorded'))('costs what stats counts: %s', async (name) => {
    const configDir = fixtureHome(`recorded/${name}`);
    const { costUsd, unpricedTokens } = (await record(configDir, ['--since', '2000-01-01'])).totals;
    const { stdout } = await run(['stats', '--since', '2000-01-01', '--json', '--config-dir', configDir], { now: NOW });
    expect(JSON.parse(stdout)).toMatchObject({ totals: { costUsd, unpricedTokens } });
  });

  test('counts unmarked copies in a fork for the session that did the work, even if that continued', async () => {
    // As `--fork-session` and `/fork` leave it: the same lines with another id.
    const own = (id: string): string =>
      prompt('Write it', '09:00', { uuid: 'a2', sessionId: id }) +
      answer('r2', '09:10', { sessionId: id }) +
      change('Write', '/home/dev/app/src/a.ts', '09:11', { sessionId: id });
    const rest = { [A]: prompt('More', '12:00', { sessionId: A }), [B]: prompt('Fork', '11:00', { sessionId: B }) };
    const later = Object.entries(rest).map(([id, more]) => [`projects/-home-dev-app/${id}.jsonl`, own(id) + more]);
    const found = await record(temporaryHome(Object.fromEntries(later) as Record<string, string>).path);
    expect(found.projects[0]?.sessions).toMatchObject([
      { id: A, costUsd: 1.25, prompts: [{ text: 'Write it' }, { text: 'More' }], files: [{ writes: 1 }] },
      { id: B, costUsd: 0, prompts: [{ text: 'Fork' }], files: [] },
    ]);
  });

  test('counts responses copied from a deleted session for the fork', async () => {
    const configDir = home();
    rmSync(join(configDir, 'projects/-home-dev-app', `${A}.jsonl`));
    const [session] = (await record(configDir, ['-p', '/home/dev/app'])).projects[0]?.sessions ?? [];
    expect(session).toMatchObject({
      id: B,
      firstAt: at('09:00'),
      costUsd: 2.5,
      prompts: [{ text: 'Write the journal\nfirst' }, { text: 'Second try' }],
      files: [{ path: '/home/dev/app/src/a.ts' }, { path: '/home/dev/app/src/c.ts' }],
    });
  });

  test.each<[string[], [string, string[]][]]>([
    [['-L', '1'], [['/srv/job', [C]]]],
    [['--kind', 'interactive', '--reverse'], [['/home/dev/app', [A, B]]]],
    [['--since', at('11:00'), '-p', '/home/dev/*'], [['/home/dev/app', [B]]]],
    [
      ['--until', at('09:00')],
      [
        ['/home/dev/old', [GONE]],
        ['/home/dev/app', [A]],
      ],
    ],
    [['--since', at('-00:00'), '--until', at('-23:00')], [['/home/dev/app', [A]]]],
    [['--touched', '/home/dev/app/src/c.ts'], [['/home/dev/app', [B]]]],
    [['--title', 'race', '--tag', 'x'], []],
  ])('%j narrows', async (args, expected) => {
    expect(idsOf(await record(home(), args))).toEqual(expected);
  });

  test('continues after damage and reports a transcript that it cannot read', async () => {
    const configDir = home();
    const path = join(configDir, 'projects/-home-dev-app', `${A}.jsonl`);
    writeFileSync(path, `{"type":"user","uu\n\0\0\n${prompt('after \u001b]0;x\u0007damage', '13:00')}{"torn`);
    const { stdout } = await log(configDir, [], { terminal: 100 });
    expect(stdout).toContain('after damage');
    rmSync(path);
    mkdirSync(path);
    const { stdout: rest, stderr } = await log(configDir, ['--kind', 'interactive', '--json']);
    expect(JSON.parse(rest)).toMatchObject({ totals: { sessions: 1, prompts: 2 } });
    expect(stderr).toContain('not a regular file');
  });
});

test('workLog returns what --json prints, and refuses unknown options', async () => {
  const configDir = home();
  const options = { configDir, cacheDir: null, now: () => NOW };
  expect(await workLog({ ...options, kind: 'interactive', limit: 1 })).toEqual(
    await record(configDir, ['--kind', 'interactive', '-L', '1']),
  );
  await expect(workLog({ ...options, text: 'x' } as object)).rejects.toThrow('unknown option text');
  const signal = AbortSignal.abort();
  await expect(workLog({ ...options, signal })).rejects.toThrow('aborted');
});
