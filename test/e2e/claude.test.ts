import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, ccsess, type Run } from '../support/built.js';
import { claudeVersion, kill, openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

interface Step {
  text?: string;
  tools?: { name: string; input: Record<string, unknown> }[];
  delayMs?: number;
}
interface Result {
  session_id: string;
  num_turns: number;
  is_error: boolean;
  result: string;
}
interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadInputTokens: number;
  cacheCreationInputTokens: number;
}
interface Listed {
  id: string;
  title: string | null;
  titleSource: string | null;
  kind: string;
  entrypoint: string;
  cwd: string;
  configDir: string;
  version: string;
  transcript: string;
  prompts: number;
  turns: number;
  toolCalls: number;
  firstPrompt: string;
  lastPrompt: string;
  models: string[];
  tokens: { input: number; output: number; cacheRead: number; cacheWrite: number; total: number };
  live: { pid: number | null; status: string } | null;
  problems: unknown[];
}

const bash = (command: string): { name: string; input: Record<string, unknown> } => ({
  name: 'Bash',
  input: { command, description: 'A command' },
});
const prompt = (text: string, ...steps: Step[]): string =>
  steps.length === 0 ? text : `${text}\nscript: ${JSON.stringify(steps)}`;

describe.skipIf(reason !== null)('sessions written by the real Claude Code', () => {
  let lab: ClaudeLab;
  beforeAll(async () => void (lab = await openClaudeLab()));
  afterAll(async () => lab?.close());

  const claude = async (text: string, ...flags: string[]): Promise<Result> => {
    const run = await lab.run(['-p', text, '--output-format', 'json', '--allowedTools', 'Bash', ...flags]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(run.stdout) as Result;
  };
  const inLab = (args: readonly string[]): Promise<Run> =>
    ccsess(args, { home: lab.home, env: { CLAUDE_CONFIG_DIR: lab.configDir }, cwd: lab.work });
  const list = async (): Promise<Listed[]> => JSON.parse((await inLab(['list', '--json'])).stdout) as Listed[];
  const listed = async (id: string): Promise<Listed> => {
    const found = (await list()).filter((session) => session.id === id);
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  const reported = (transcript: string): Usage => {
    const states = readFileSync(transcript, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"type":"cost-state"'))
      .map((line) => JSON.parse(line) as { modelUsage: Record<string, Usage> });
    const models = Object.values(states.at(-1)?.modelUsage ?? {});
    const sum = (key: keyof Usage): number => models.reduce((total, usage) => total + usage[key], 0);
    return {
      inputTokens: sum('inputTokens'),
      outputTokens: sum('outputTokens'),
      cacheReadInputTokens: sum('cacheReadInputTokens'),
      cacheCreationInputTokens: sum('cacheCreationInputTokens'),
    };
  };
  const tokensOf = ({ tokens }: Listed): Usage => ({
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cacheReadInputTokens: tokens.cacheRead,
    cacheCreationInputTokens: tokens.cacheWrite,
  });

  it('a prompt without tools', async () => {
    const { session_id: id, num_turns: turns } = await claude('Say hello');
    const session = await listed(id);
    expect(session).toMatchObject({
      title: 'Say hello',
      titleSource: 'prompt',
      firstPrompt: 'Say hello',
      kind: 'headless',
      entrypoint: 'sdk-cli',
      cwd: lab.work,
      configDir: lab.configDir,
      version: claudeVersion(),
      prompts: 1,
      turns,
      toolCalls: 0,
      live: null,
      problems: [],
    });
    expect(tokensOf(session)).toEqual(reported(session.transcript));
  });

  it('counts turns as Claude Code does, with sequential and parallel tools, after a resume and in a fork', async () => {
    const one = await claude(prompt('One tool', { tools: [bash('echo one')] }, { text: 'That was one' }));
    const two = await claude(
      prompt('Two at once, then one', { tools: [bash('echo a'), bash('echo b')] }, { tools: [bash('echo c')] }),
      '--resume',
      one.session_id,
    );
    const forked = await claude('Another way', '--resume', one.session_id, '--fork-session');

    const original = await listed(one.session_id);
    expect(two.session_id).toBe(one.session_id);
    expect([one.num_turns, two.num_turns]).toEqual([2, 4]);
    expect(original).toMatchObject({
      kind: 'headless',
      prompts: 2,
      turns: 6,
      toolCalls: 4,
      cwd: lab.work,
      live: null,
      problems: [],
    });
    expect(original.firstPrompt.split('\n')[0]).toBe('One tool');
    expect(original.lastPrompt.split('\n')[0]).toBe('Two at once, then one');
    expect(tokensOf(original)).toEqual(reported(original.transcript));

    const fork = await listed(forked.session_id);
    expect(forked.session_id).not.toBe(one.session_id);
    expect(fork).toMatchObject({
      kind: 'headless',
      prompts: 3,
      turns: 6 + forked.num_turns,
      lastPrompt: 'Another way',
      problems: [],
    });
    expect(tokensOf(fork)).toEqual(reported(fork.transcript));
  });

  it('a name given with --name is the title', async () => {
    const { session_id: id } = await claude('Anything', '--name', 'Nightly check');
    expect(await listed(id)).toMatchObject({ title: 'Nightly check', titleSource: 'custom' });
    expect((await inLab(['path', 'nightly CHECK'])).stdout.trim()).toBe((await listed(id)).transcript);
  });

  it('is live while its process runs, and not after a crash', async () => {
    const id = '5e551044-0000-4000-8000-00000000a11e';
    const running = await lab.start([
      '-p',
      prompt('Take your time', { text: 'late', delayMs: 120_000 }),
      '--session-id',
      id,
      '--output-format',
      'json',
    ]);
    try {
      await expect
        .poll(async () => (await list()).find((session) => session.id === id)?.live?.pid, {
          timeout: 300_000,
          interval: 250,
        })
        .toBe(running.pid);
      expect((await inLab(['list', '--live'])).stdout.split('\t').slice(0, 1)).toEqual([id]);
    } finally {
      kill(running.pid);
    }
    await running.ended;
    expect(await listed(id)).toMatchObject({ live: null, prompts: 1 });
    expect((await inLab(['list', '--live'])).stdout).toBe('');
  });

  it('current prints the id of the session whose shell runs it', async () => {
    const { session_id: id } = await claude(
      prompt('Which session is this?', { tools: [bash(`"${process.execPath}" "${bin}" current > current.txt`)] }),
    );
    expect(readFileSync(`${lab.work}/current.txt`, 'utf8').trim()).toBe(id);
  });

  it('has only the loopback interface as network', () => {
    const outside = spawnSync(
      'unshare',
      [
        '-rn',
        process.execPath,
        '-e',
        'console.log(Object.values(require("os").networkInterfaces()).flat().filter((a) => !a.internal).length)',
      ],
      { encoding: 'utf8' },
    );
    expect(outside.stdout.trim()).toBe('0');
  });
});
