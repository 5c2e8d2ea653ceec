import { describe, expect, test } from 'vitest';
import { fakeIndex, HOME, NOW, type Sketch } from '../support/builders.js';
import { run, type World } from '../support/context.js';

const HOUR = 60 * 60 * 1000;

const SESSIONS: Sketch[] = [
  { id: 'a', cwd: `${HOME}/code/app`, active: NOW - HOUR, bytes: 1024 ** 2 },
  { id: 'b', cwd: `${HOME}/work/etl`, active: NOW - 2 * HOUR, bytes: 5 * 1024 ** 2 },
  { id: 'c', cwd: `${HOME}/code/app`, active: NOW - 50 * HOUR, bytes: 1024 ** 2, kind: 'headless' },
  {
    id: 'd',
    cwd: `${HOME}/clients/müller-gmbh/a-folder-with-a-long-name/請求書`,
    gone: true,
    active: NOW - 900 * HOUR,
    bytes: 90,
  },
  { id: 'e', cwd: null, active: null, bytes: 10 },
];

const world = (more: World = {}): World => ({ index: fakeIndex(SESSIONS), ...more });
const projects = (args: string, more: World = {}): ReturnType<typeof run> =>
  run(['projects', ...args.split(' ').filter((word) => word !== '')], world(more));

const WIDE = `\
  PROJECT                                                        SESSIONS  ACTIVE     SIZE
  ~/code/app                                                            2  1h      2.0 MiB
  ~/work/etl                                                            1  2h      5.0 MiB
  ~/clients/müller-gmbh/a-folder-with-a-long-name/請求書 (gone)         1  5w         90 B
  -nowhere                                                              1  –          10 B

4 projects · 5 sessions · 7.0 MiB · 1 gone · list one with ccsess list -p <path>
`;

describe('projects on a terminal', () => {
  test.each([100, 120, 160])('of %i columns', async (terminal) => {
    expect(await projects('', { terminal })).toEqual({ stdout: WIDE, stderr: '', exitCode: 0 });
  });

  test('of 80 columns: paths are cut at their start', async () => {
    expect(await projects('', { terminal: 80 })).toEqual({
      stdout: `\
  PROJECT                                              SESSIONS  ACTIVE     SIZE
  ~/code/app                                                  2  1h      2.0 MiB
  ~/work/etl                                                  1  2h      5.0 MiB
  …üller-gmbh/a-folder-with-a-long-name/請求書 (gone)         1  5w         90 B
  -nowhere                                                    1  –          10 B

4 projects · 5 sessions · 7.0 MiB · 1 gone · list one with ccsess list -p <path>
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 60 columns, some of them', async () => {
    expect(await projects('-L 2 --sort path', { terminal: 60 })).toEqual({
      stdout: `\
  PROJECT                          SESSIONS  ACTIVE     SIZE
  …with-a-long-name/請求書 (gone)         1  5w         90 B
  ~/code/app                              2  1h      2.0 MiB

2 of 4 projects · 5 sessions · 7.0 MiB · 1 gone
show all with -L 0 · list one with ccsess list -p <path>
`,
      stderr: '',
      exitCode: 0,
    });
  });
});

describe('projects as data', () => {
  test('in a pipe', async () => {
    expect(await projects('--sort size')).toEqual({
      stdout: [
        '/home/me/work/etl\t1\t2026-11-23T04:46:02.000Z\t5242880\t\n',
        '/home/me/code/app\t2\t2026-11-23T05:46:02.000Z\t2097152\t\n',
        '/home/me/clients/müller-gmbh/a-folder-with-a-long-name/請求書\t1\t2026-10-16T18:46:02.000Z\t90\tgone\n',
        '-nowhere\t1\t\t10\t\n',
      ].join(''),
      stderr: '',
      exitCode: 0,
    });
  });

  test('as JSON', async () => {
    expect(await projects('--sort sessions --limit 1 --json')).toEqual({
      stdout:
        '[{"schemaVersion":1,"configDir":"/home/me/.claude","cwd":"/home/me/code/app","cwdExists":true,' +
        '"projectDirs":["-home-me-code-app"],"sessions":2,"lastActivityAt":"2026-11-23T05:46:02.000Z",' +
        '"footprintBytes":2097152}]\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('as JSON lines, in reverse order', async () => {
    const { stdout } = await projects('--sort path --reverse --jsonl');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { cwd: string | null }).cwd),
    ).toEqual([
      null,
      `${HOME}/work/etl`,
      `${HOME}/code/app`,
      `${HOME}/clients/müller-gmbh/a-folder-with-a-long-name/請求書`,
    ]);
  });

  test('of no session', async () => {
    expect(await projects('--json', { index: fakeIndex([]) })).toEqual({
      stdout: '[]\n',
      stderr:
        'No sessions: /home/me/.claude has no projects folder yet. Claude Code creates it with the first prompt; ' +
        'ccsess create creates an empty session.\n',
      exitCode: 0,
    });
  });
});
