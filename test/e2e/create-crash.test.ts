import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { bin, ccsess, requireBuild } from '../support/built.js';
import { temporaryFolder } from '../support/temporary.js';
import { KillMoments } from '../support/kill-moments.js';
import { rounds } from '../support/rounds.js';

const KILLS = rounds(60);
const ROUNDS = 12;

const home = temporaryFolder('crash');
const [one, two] = [join(home, 'one'), join(home, 'two')];
beforeAll(() => {
  requireBuild();
  for (const folder of [one, two]) mkdirSync(folder);
});

const transcripts = (): string[] => {
  const projects = join(home, '.claude/projects');
  return readdirSync(projects).flatMap((name) =>
    readdirSync(join(projects, name))
      .filter((file) => file.endsWith('.jsonl'))
      .map((file) => join(projects, name, file)),
  );
};

it(`killed at ${KILLS} random moments, create leaves no session that cannot be resumed`, async () => {
  const create = () => ccsess(['create', '--title', 'Whole'], { home, cwd: one });
  await create();
  const started = performance.now();
  await Promise.all([create(), create()]);
  const moments = new KillMoments(performance.now() - started);
  const kill = async (): Promise<void> => {
    const begun = performance.now();
    const child = spawn(process.execPath, [bin, 'create', '--title', 'Killed', '--tag', 'x'], {
      cwd: one,
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), moments.draw());
    const [, signal] = (await once(child, 'exit')) as [unknown, string | null];
    clearTimeout(timer);
    moments.learn(signal !== null, performance.now() - begun);
  };
  for (let killed = 0; killed < KILLS; killed += 2) await Promise.all([kill(), kill()]);

  const made = transcripts();
  // Some runs were killed before the session existed, and some after; the test is about those in between.
  expect(made.length).toBeGreaterThan(1);
  expect(made.length).toBeLessThan(KILLS);
  for (const path of made) {
    const text = readFileSync(path, 'utf8');
    const types = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect([text.endsWith('\n'), types.slice(0, 3)]).toEqual([true, ['custom-title', 'agent-name', 'system']]);
  }
  const list = await ccsess(['list', '--json'], { home });
  expect({
    stderr: list.stderr,
    sessions: (JSON.parse(list.stdout) as { problems: unknown[] }[]).filter(({ problems }) => problems.length === 0)
      .length,
  }).toEqual({ stderr: '', sessions: made.length });
});

it('of two runs that create one id at once, one succeeds; with --if-missing both return it', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const id = `5e550000-0000-4000-8000-${String(round).padStart(12, '0')}`;
    const flags = round % 3 === 2 ? ['--if-missing'] : [];
    const runs = await Promise.all(
      [one, round % 3 === 1 ? two : one].map((cwd, at) =>
        ccsess(['create', '--id', id, '--title', `Number ${at}`, ...flags], { home, cwd }),
      ),
    );
    expect(transcripts().filter((path) => path.includes(id))).toHaveLength(1);
    expect(runs.map(({ code }) => code).sort()).toEqual(flags.length > 0 ? [0, 0] : [0, 5]);
    expect(runs.filter(({ code }) => code === 0).map(({ stdout }) => stdout)).toEqual(
      flags.length > 0 ? [`${id}\n`, `${id}\n`] : [`${id}\n`],
    );
  }
});

it('a full disk leaves no files', async () => {
  const before = readdirSync(home, { recursive: true });
  const command = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@" 2>&1 | cat; exit "\${PIPESTATUS[0]}"`;
  const child = spawn(
    'bash',
    ['-c', command, process.execPath, bin, 'create', '--title', 'Full', '--sandbox', 'boxes'],
    { cwd: two, env: { PATH: process.env['PATH'], HOME: home } },
  );
  const told: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => void told.push(text));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, told: told.join('') }).toEqual({
    code: 1,
    told: expect.stringMatching(/^ccsess: no session was made: .* cannot be written \(EFBIG\)\.\n$/) as string,
  });
  expect(readdirSync(home, { recursive: true })).toEqual(before);
});
