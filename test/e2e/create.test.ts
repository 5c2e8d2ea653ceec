import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, requireBuild, type Run } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

interface Printed {
  session_id: string;
  result: string;
  is_error: boolean;
}

describe.skipIf(reason !== null)('a session from create: the real Claude Code', () => {
  let lab: ClaudeLab;
  beforeAll(async () => {
    requireBuild();
    lab = await openClaudeLab();
  });
  afterAll(async () => lab?.close());

  const inFolder = (name: string): { cwd: string } => {
    const cwd = join(lab.work, name);
    mkdirSync(cwd, { recursive: true });
    return { cwd };
  };
  const ccsess = (args: readonly string[], options: { cwd?: string } = {}): Promise<Run> =>
    lab.run([bin, ...args], { program: process.execPath, ...options });
  const create = async (args: readonly string[], options: { cwd?: string } = {}): Promise<string> => {
    const { code, stdout, stderr } = await ccsess(['create', ...args], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  };
  const claude = async (args: readonly string[], options: { cwd?: string } = {}): Promise<Printed> => {
    const { code, stdout, stderr } = await lab.run([...args, '--output-format', 'json'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Printed;
  };
  /** The conversation that the model was sent last, without the text that Claude Code puts around it. */
  const lastAsked = async (): Promise<string[]> =>
    ((await lab.asked()).at(-1)?.messages ?? [])
      .filter(({ role }) => role !== 'system')
      .map(({ role, text }) => `${role}: ${text.replace(/<system-reminder>.*<\/system-reminder>/s, '').trim()}`);

  it('resumes by id, and sends no text of ccsess to the model', async () => {
    const id = await create([]);
    const printed = await claude(['-p', 'the first prompt', '--resume', id]);
    expect(printed).toMatchObject({ session_id: id, is_error: false });
    expect(await lastAsked()).toEqual(['user: the first prompt']);
    expect(JSON.stringify(await lab.asked())).not.toContain('Session created');
  });

  it('resumes by name', async () => {
    const where = inFolder('by name');
    const id = await create(['--title', "Rate limiter: what's left"], where);
    expect((await claude(['-p', 'go', '--resume', "rate LIMITER: what's left"], where)).session_id).toBe(id);
    expect((await claude(['-p', 'continue', '--resume', id], where)).session_id).toBe(id);
    expect(await lastAsked()).toEqual(['user: go', 'assistant: done', 'user: continue']);
  });

  it('resumes by the name in its transcript alone', async () => {
    const where = inFolder('by entry');
    const id = await create(['--title', 'In the transcript'], where);
    rmSync((await ccsess(['path', id])).stdout.trim().replace('.jsonl', ''), { recursive: true });
    expect((await claude(['-p', 'go', '--resume', 'In the transcript'], where)).session_id).toBe(id);
  });

  it('is known to other processes by its name while it runs', async () => {
    const id = await create(['--title', 'Known by name']);
    await lab.interactive(['--resume', id]);
    await expect
      .poll(() => registeredNames(lab.configDir), { timeout: 300_000, interval: 100 })
      .toContain('Known by name');
  });

  it('continues with -c if it is the newest of its folder', async () => {
    const where = inFolder('newest one');
    await claude(['-p', 'an older one'], where);
    const id = await create([], where);
    // Both folders share one project dir: the recorded cwd decides which of them a session belongs to.
    await create([], inFolder('newest_one'));
    expect((await claude(['-p', 'continue', '-c'], where)).session_id).toBe(id);
  });

  it('refuses to start another session under its id, as the help says', async () => {
    const id = await create([]);
    const run = await lab.run(['-p', 'hello', '--session-id', id]);
    expect(run.code).toBe(1);
    expect(run.stdout + run.stderr).toContain('already in use');
  });

  it.each(['-x begins with a dash', '--help', 'two\nlines', '/usr/bin is a path', 'ünïcode 👩‍👧'])(
    'takes the first prompt %j unchanged',
    async (prompt) => {
      const { code, stdout, stderr } = await ccsess(['create', '--prompt', prompt, '--title', 'Asked at once']);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
      expect(await lastAsked()).toEqual([`user: ${prompt}`]);
      const transcript = (await ccsess(['path', stderr.trim()])).stdout.trim();
      expect(readFileSync(transcript, 'utf8').split('\n')[0]).toContain('Asked at once');
    },
  );

  it('answers in JSON, with what it cost', async () => {
    const { code, stdout } = await ccsess(['create', '--prompt', 'name three risks', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      prompts: 1,
      firstPrompt: 'name three risks',
      result: { text: 'done', isError: false, turns: 1, costUsd: expect.any(Number) as number },
    });
  });

  it('works in a sandbox', async () => {
    const where = inFolder('project');
    mkdirSync(join(where.cwd, '.claude/commands'), { recursive: true });
    const id = await create(['--sandbox', '../boxes'], where);
    expect(
      (await claude(['-p', 'go', '--resume', id], { cwd: join(lab.work, 'boxes', id, 'sandbox') })).session_id,
    ).toBe(id);
  });

  it('the picker lists it and opens it', async () => {
    const where = inFolder('picker');
    const id = await create(['--title', 'Shown in the picker'], where);
    const terminal = await lab.interactive(['--resume'], where);
    await terminal.shows(/Shown in the picker/);
    await terminal.press('Enter');
    await terminal.shows(/Claude Code v/);
    await terminal.type('a first word');
    await terminal.shows(/❯\sa first word/);
    await terminal.press('Enter');
    await terminal.shows(/● done/);
    expect(await lastAsked()).toEqual(['user: a first word']);
    expect(JSON.parse((await ccsess(['show', id, '--json'])).stdout)).toMatchObject({
      session: { firstPrompt: 'a first word', kind: 'interactive' },
    });
  });
});

/**
 * Session names in the registry of running processes. Claude Code takes the name from the second of the two title
 * entries.
 */
function registeredNames(configDir: string): unknown[] {
  const folder = join(configDir, 'sessions');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { name?: unknown }).name);
}
