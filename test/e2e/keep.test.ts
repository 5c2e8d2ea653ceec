import { existsSync, lutimesSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccsess, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

const DAY = 24 * 60 * 60 * 1000;
const SEED = '5e551044-0000-4000-8000-000000000001';
const PROTECTED = '5e551044-0000-4000-8000-000000000002';
const PINNED = '5e551044-0000-4000-8000-000000000003';
const LEFT = '5e551044-0000-4000-8000-000000000004';
const NEWEST = '5e551044-0000-4000-8000-000000000005';

interface Forecast {
  sessions: { id: string; whole: boolean; parts: { part: string }[] }[];
}

describe.skipIf(reason !== null)("Claude Code's own cleanup", () => {
  let lab: ClaudeLab;
  let folder: string;
  let seed: string;
  beforeAll(async () => {
    lab = await openClaudeLab();
    await lab.run(['-p', 'Seed', '--session-id', SEED]);
    folder = join(lab.configDir, 'projects', readdirSync(join(lab.configDir, 'projects'))[0]!);
    seed = readFileSync(transcript(SEED), 'utf8');
    rmSync(transcript(SEED));
  });
  afterAll(async () => lab?.close());

  const inLab = (...args: string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const transcript = (id: string): string => join(folder, `${id}.jsonl`);
  const filesOf = (id: string): string[] => [
    transcript(id),
    join(folder, id, 'tool-results', 'a.txt'),
    join(lab.configDir, 'file-history', id, 'h@v1'),
    join(lab.configDir, 'tasks', id, '1.json'),
  ];

  function makeSession(id: string, days: number): void {
    for (const path of filesOf(id).slice(1)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'x');
    }
    writeFileSync(transcript(id), seed.replaceAll(SEED, id));
    for (const path of filesOf(id)
      .flatMap((file) => [file, dirname(file)])
      .concat(join(folder, id)))
      age(path, days);
  }

  function age(path: string, days: number): void {
    const seconds = (Date.now() - days * DAY) / 1000;
    lutimesSync(path, seconds, seconds);
  }

  /** Runs Claude Code long enough for its cleanup to run. */
  async function cleanUp(): Promise<void> {
    rmSync(join(lab.configDir, '.last-cleanup'), { force: true });
    const run = await lab.run(['-p', `Wait\nscript: ${JSON.stringify([{ text: 'done', delayMs: 15_000 }])}`]);
    expect(run).toMatchObject({ code: 0 });
    expect(existsSync(join(lab.configDir, '.last-cleanup'))).toBe(true);
  }

  it('deletes what forecast lists, sessions or parts of them, and nothing pinned or protected', async () => {
    for (const id of [PROTECTED, PINNED]) makeSession(id, 29.9);
    makeSession(LEFT, 31);
    makeSession(NEWEST, 5);
    expect((await inLab('protect', PROTECTED)).stdout).toBe(`${PROTECTED}\n`);
    expect((await inLab('pin', PINNED)).stdout).toBe(`${PINNED}\n`);
    // The session itself is fresh, but parts of it age by themselves.
    for (const path of [join(folder, NEWEST, 'tool-results', 'a.txt'), join(lab.configDir, 'tasks', NEWEST)])
      age(path, 31);
    const { sessions } = JSON.parse((await inLab('forecast', '--within', '0d', '--json')).stdout) as Forecast;
    expect(sessions.map(({ id, whole, parts }) => [id, whole, parts.map(({ part }) => part)])).toEqual([
      [LEFT, true, ['transcript', 'tool-results', 'file-history', 'tasks']],
      [NEWEST, false, ['tool-results', 'tasks']],
    ]);

    await cleanUp();
    const left = (id: string): boolean[] => filesOf(id).map((path) => existsSync(path));
    expect([PROTECTED, PINNED, LEFT, NEWEST].map(left)).toEqual([
      [true, true, true, true],
      [true, true, true, true],
      [false, false, false, false],
      [true, false, true, false],
    ]);
    expect(JSON.parse((await inLab('list', '--pinned', '--json')).stdout)).toMatchObject([
      { id: PINNED, pinned: true },
    ]);
  });

  it('-c continues a protected session only if no session of the folder is newer', async () => {
    const answeredIn = async (): Promise<string> => {
      const run = await lab.run(['-p', '-c', 'Which session is this?', '--output-format', 'json']);
      return (JSON.parse(run.stdout) as { session_id: string }).session_id;
    };
    rmSync(folder, { recursive: true });
    makeSession(PROTECTED, 29.9);
    makeSession(NEWEST, 5);
    expect((await inLab('protect', PROTECTED)).stderr).toBe('');
    expect(await answeredIn()).toBe(NEWEST);

    age(transcript(NEWEST), 20);
    age(transcript(PROTECTED), 29.9);
    const told = await inLab('protect', PROTECTED);
    expect(told.stderr).toContain(`claude -p -c in ${lab.work} now opens ${PROTECTED}`);
    expect(await answeredIn()).toBe(PROTECTED);
  });
});
