import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, requireBuild, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab, type StartOptions } from '../support/claude-lab.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

const SLOW = 'Take your time\nscript: [{ "text": "late", "delayMs": 120000 }]';

describe.skipIf(reason !== null)('resume, with the real Claude Code', () => {
  let lab: ClaudeLab;
  beforeAll(async () => {
    requireBuild();
    lab = await openClaudeLab();
  });
  afterAll(async () => lab?.close());

  const ccsess = (args: readonly string[], options: StartOptions = {}): Promise<Run> =>
    lab.run([bin, ...args], { program: process.execPath, ...options });
  const create = async (args: readonly string[] = [], options: StartOptions = {}): Promise<string> =>
    (await ccsess(['create', ...args], options)).stdout.trim();
  const registered = (id: string): number | undefined => {
    const sessions = join(lab.configDir, 'sessions');
    return readdirSync(sessions)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(sessions, name), 'utf8')) as { pid: number; sessionId: string })
      .find(({ sessionId }) => sessionId === id)?.pid;
  };

  it('resumes a session in its folder from anywhere, and passes on the answer and exit code 0', async () => {
    const cwd = join(lab.work, "it's a folder, ünïcode & more");
    mkdirSync(cwd);
    const id = await create(['--title', 'From afar'], { cwd });
    const run = await ccsess(['resume', 'from AFAR', '--', '-p', 'continue'], { cwd: lab.home });
    expect(run).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
    expect(JSON.parse((await ccsess(['show', id, '--json'])).stdout)).toMatchObject({
      session: { prompts: 1, cwds: [cwd] },
    });
  });

  it('finds a new session from any folder, which Claude Code itself does only after its first prompt', async () => {
    const [own, other] = [join(lab.work, 'own'), join(lab.work, 'other')];
    mkdirSync(own);
    mkdirSync(other);
    for (const flags of [[], ['--title', 'Not used yet']]) {
      const id = await create(flags, { cwd: own });
      expect(await lab.run(['--resume', id, '-p', 'hi'], { cwd: other })).toMatchObject({
        code: 1,
        stderr: `No conversation found with session ID: ${id}\n`,
      });
      expect(await ccsess(['resume', id, '--', '-p', 'hi'], { cwd: other })).toMatchObject({
        code: 0,
        stdout: 'done\n',
      });
      expect(await lab.run(['--resume', id, '-p', 'hi'], { cwd: other })).toMatchObject({ code: 0, stdout: 'done\n' });
    }
  });

  it('prints a shell command that resumes the session from any folder', async () => {
    const cwd = join(lab.work, 'a "quoted" $HOME 文');
    mkdirSync(cwd);
    const id = await create([], { cwd });
    const { stdout } = await ccsess(['resume', id, '--print-command', '--', '-p', "it's `this` prompt"], {
      cwd: lab.home,
    });
    expect(await lab.run(['-c', `eval ${quoted(stdout.trimEnd())}`], { program: 'bash', cwd: lab.home })).toMatchObject(
      { code: 0, stdout: 'done\n' },
    );
    expect(JSON.parse((await ccsess(['show', id, '--json'])).stdout)).toMatchObject({
      session: { firstPrompt: "it's `this` prompt", cwds: [cwd] },
    });
  });

  it('passes on exit code 1', async () => {
    const id = await create();
    expect(await ccsess(['resume', id, '--', '--no-such-flag'])).toMatchObject({ code: 1 });
  });

  it('passes SIGTERM on, and ends with 143 as Claude Code does', async () => {
    const id = await create();
    const running = await lab.start([bin, 'resume', id, '--', '-p', SLOW], { program: process.execPath });
    await expect.poll(() => registered(id), { timeout: 300_000, interval: 100 }).toEqual(expect.any(Number));
    process.kill(running.pid, 'SIGTERM');
    expect(await running.ended).toMatchObject({ code: 143, signal: null });
    expect(registered(id)).toBeUndefined();
  });

  it('refuses a session that is open, and with --fork continues a copy with a title of its own', async () => {
    const id = await create(['--title', 'Open elsewhere']);
    await ccsess(['resume', id, '--', '-p', 'a first prompt']);
    const running = await lab.start(['-p', SLOW, '--resume', id]);
    await expect.poll(() => registered(id), { timeout: 300_000, interval: 100 }).toBe(running.pid);
    const refused = await ccsess(['resume', id, '--', '-p', 'continue']);
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toContain(`is open in pid ${running.pid} (`);
    expect(await ccsess(['resume', id, '--fork', '--', '-p', 'continue elsewhere'])).toMatchObject({
      code: 0,
      stdout: 'done\n',
    });
    process.kill(running.pid, 'SIGTERM');
    await running.ended;
    const { stdout } = await ccsess(['show', 'Open elsewhere (fork)', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      session: { firstPrompt: 'a first prompt', lastPrompt: 'continue elsewhere' },
    });
  });

  it('resumes the named one of two sessions with the same id', async () => {
    const [one, two] = [join(lab.work, 'one'), join(lab.work, 'two')];
    mkdirSync(one);
    mkdirSync(two);
    const id = await create([], { cwd: one });
    const transcript = (await ccsess(['path', id])).stdout.trim();
    const copy = transcript.replace(/-one\//, '-two/');
    mkdirSync(join(copy, '..'));
    writeFileSync(copy, readFileSync(transcript, 'utf8').replaceAll(one, two));
    expect(await ccsess(['resume', id, '--', '-p', 'in which?'])).toMatchObject({ code: 4, stdout: '' });
    expect(await ccsess(['resume', id, '-p', two, '--', '-p', 'in the second'])).toMatchObject({
      code: 0,
      stdout: 'done\n',
    });
    expect(readFileSync(copy, 'utf8')).toContain('in the second');
    expect(readFileSync(transcript, 'utf8')).not.toContain('in the second');
    // A copy whose folder is gone is named by its transcript, which works even in the folder of the other copy.
    rmSync(two, { recursive: true });
    const { stdout } = await ccsess(['resume', id, '-p', two, '--print-command']);
    expect(stdout.trimEnd().endsWith(` --resume=${copy}`)).toBe(true);
    expect(await lab.run([`--resume=${copy}`, '-p', 'named by its file'], { cwd: one })).toMatchObject({
      code: 0,
      stdout: 'done\n',
    });
    expect(readFileSync(copy, 'utf8')).toContain('named by its file');
    expect(readFileSync(transcript, 'utf8')).not.toContain('named by its file');
  });

  it('leaves Ctrl-C to Claude Code', async () => {
    const id = await create();
    const asking = await lab.interactive([bin, 'resume', id, '--', '-p', `Interrupt me. ${SLOW}`], {
      program: process.execPath,
    });
    await expect.poll(() => registered(id), { timeout: 300_000, interval: 100 }).toEqual(expect.any(Number));
    await expect
      .poll(async () => JSON.stringify(await lab.asked()), { timeout: 300_000, interval: 100 })
      .toContain('Interrupt me');
    await asking.press('C-c');
    // Claude Code ends an interrupted -p with exit code 0; if Ctrl-C ended the process, the code would be another.
    await asking.shows(/EXIT=0/);
  });

  it('gives Claude Code the whole terminal, Ctrl-C included, with a status line below its input', async () => {
    const id = await create();
    const statusLine = { type: 'command', command: `'${process.execPath}' '${bin}' statusline` };
    const words = [bin, 'resume', id, '--', '--settings', JSON.stringify({ statusLine })];
    const terminal = await lab.interactive(words, { program: process.execPath });
    await terminal.shows(/❯/);
    // The input is drawn a moment before keys are read, and a second Ctrl-C would end Claude Code.
    await sleep(2000);
    await terminal.press('C-c');
    await terminal.shows(/Ctrl-C again/);
    await terminal.type('a word');
    await terminal.shows(/❯\sa word/);
    await terminal.press('Enter');
    await terminal.shows(/● done/);
    await terminal.shows(new RegExp(`^ *${id.slice(0, 8)} “a word” · \\$\\d`, 'm'));
    // Claude Code ends only if the second Ctrl-C follows the first immediately.
    await terminal.press('C-c', 'C-c');
    await terminal.shows(/EXIT=0/);
  });

  it('lets a person choose among sessions of one title', async () => {
    await create(['--title', 'Twins']);
    const second = await create(['--title', 'Twins']);
    const terminal = await lab.interactive([bin, 'resume', 'twins', '--', '-p', 'which of you?'], {
      program: process.execPath,
    });
    await terminal.shows(/2 sessions here have this title.*Which one\?/);
    await terminal.shows(/[0-9a-f]{8}  now   \S+  0 prompts  Twins/);
    await terminal.press('Enter');
    await terminal.shows(/done[\s\S]*EXIT=0/);
    expect(JSON.parse((await ccsess(['show', second, '--json'])).stdout)).toMatchObject({ session: { prompts: 1 } });
  });
});

/** Returns a word quoted for a shell, as bash quotes it. */
function quoted(word: string): string {
  return execFileSync('bash', ['-c', 'printf %q "$1"', 'bash', word], { encoding: 'utf8' });
}
