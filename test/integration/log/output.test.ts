import { describe, expect, test } from 'vitest';
import { line, temporaryHome } from '../../support/transcripts.js';
import { A, B, DAY, home, log, NOW, prompt } from '../../support/work-log.js';

describe('the output of ccsess log', () => {
  test.each([40, 60, 80])('fits %d columns, even with days of another year', async (terminal) => {
    const texts = [prompt('A long time ago', '-09:00').replace('2026-', '2025-'), prompt('Now', '09:00')];
    const { path } = temporaryHome({ [`projects/-home-dev-app/${A}.jsonl`]: texts.join('') });
    const { stdout } = await log(path, ['--since', '2y'], { terminal });
    expect(stdout.split('\n').filter((text) => text.length > terminal)).toEqual([]);
    expect(stdout).not.toContain('FILES');
  });

  test('is one line per session below its folder on a terminal, without headless sessions', async () => {
    const configDir = home();
    expect(await log(configDir, [], { terminal: 110 })).toEqual({
      stdout: `\
  WHEN         SESSION    COST  FILES  WORK
/home/dev/app  2 sessions · $2.50 · 2 files
  11:00–11:31  bbbbbbbb  $1.25      1  Second try
  09:00–10:05  aaaaaaaa  $1.25      1  Fix the *race* · Write the journal first · Now the same for restore
/home/dev/old
  08:00        dddddddd                (session gone) · of a session that is gone

3 sessions · 4 prompts · $2.50 · 2 files changed · left out: 1 headless or teammate session: -a
Since Thu 19 Nov 2026 18:00 (change with --since)
`,
      stderr: '',
      exitCode: 0,
    });
    const args = ['-a', '--since', '3d', '-L', '3'];
    const narrow = await log(configDir, args, { terminal: 40, now: NOW + DAY });
    expect(narrow.stdout.split('\n')).toEqual([
      '  WHEN              COST  WORK',
      '/srv/job',
      '  Fri 12:00–12:01  $1.25  Nightly',
      '/home/dev/app',
      '  Fri 11:00–11:31  $1.25  Second try',
      '  Thu – Fri        $2.50  Fix the *race…',
      '',
      'newest 3 of 4 sessions · 5 prompts',
      '$5.00 · 2 files changed',
      '--since 3d: from Wed 18 Nov 2026 18:00',
      '',
    ]);
  });

  test('is Markdown in a pipe, in which no text of a session is markup', async () => {
    const configDir = temporaryHome({
      [`projects/-home-dev-app/${A}.jsonl`]: [
        line({
          type: 'custom-title',
          customTitle: '![x](http://e) <b>_a_ `c` C:\\* & &lt; ~~s~~ snake_case',
          sessionId: A,
        }),
        ...['one', 'two', '\u001b[31mthree\u202e', `${'word '.repeat(30)}`, 'five'].map((text, nth) =>
          prompt(text, `-09:0${nth}`),
        ),
        prompt('six', '09:00'),
      ].join(''),
      [`projects/-home-dev-app/${B}.jsonl`]: prompt('**only** one', '10:00'),
    }).path;
    expect(await log(configDir, ['--since', '3d'], { home: '/home/dev' })).toEqual({
      stdout: `## ~/app

- **\\*\\*only\\*\\* one** (Fri 20 Nov 10:00)
- **!\\[x](http://e) \\<b>\\_a\\_ \\\`c\\\` C:\\\\\\* & \\&lt; ~\\~s\\~\\~ snake_case** (Thu 19 Nov 09:00 – Fri 20 Nov 09:00): one · two · three · 3 more

2 sessions · 7 prompts
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('shows headless sessions if there are no others', async () => {
    expect((await log(home(), ['-p', '/srv/job'])).stdout).toContain('## /srv/job');
  });

  test('reports when the last work was if there is none in the span', async () => {
    expect(await log(home(), [], { now: NOW + 9 * DAY })).toEqual({
      stdout: '',
      stderr:
        'No work since Sat 28 Nov 2026 18:00. The last work before that was on Fri 20 Nov 2026: --since 2026-11-20.\n',
      exitCode: 0,
    });
  });

  test.each([
    [['--json', '--md'], '--json and --md cannot be combined.'],
    [['--since', '2d', '--until', '3d'], '--until 3d: not after --since 2d.'],
    [
      ['--since', 'soon'],
      "--since soon: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or 2026-11-01.",
    ],
    [['-L', 'x'], '--limit x: not a whole number (0 = all).'],
  ])('refuses %j', async (args, message) => {
    const { stderr, exitCode } = await log(home(), args);
    expect([stderr.includes(message), exitCode]).toEqual([true, 2]);
  });
});
