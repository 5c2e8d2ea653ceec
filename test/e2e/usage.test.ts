import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccsess } from '../support/built.js';
import { openClaudeLab, whyNoClaude, type ClaudeLab } from '../support/claude-lab.js';

const reason = whyNoClaude();
if (reason !== null) process.stderr.write(`\n!! NOT TESTED against the real Claude Code: ${reason}\n\n`);

interface Step {
  usage?: Record<string, unknown>;
  text?: string;
  tools?: { name: string; input: Record<string, unknown> }[];
}
interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  total: number;
}
interface Listed {
  id: string;
  transcript: string;
  subagents: number;
  tokens: Tokens;
  costUsd: number;
  own: { tokens: Tokens; costUsd: number };
  reportedCostUsd: number;
  problems: unknown[];
}
interface Stats {
  totals: { responses: number; tokens: Tokens; costUsd: number; sharingSessions: number };
  rows: { key: string; costUsd: number }[];
}
interface CostState {
  totalCostUSD: number;
  modelUsage: Record<string, Record<string, number>>;
}

const bash = (command: string): { name: string; input: Record<string, unknown> } => ({
  name: 'Bash',
  input: { command, description: 'A command' },
});
const prompt = (text: string, ...steps: Step[]): string => `${text}\nscript: ${JSON.stringify(steps)}`;

describe.skipIf(reason !== null)('usage of sessions the real Claude Code writes', () => {
  let lab: ClaudeLab;
  beforeAll(async () => void (lab = await openClaudeLab()));
  afterAll(async () => lab?.close());

  /** Runs one prompt and returns the session's id. */
  const claude = async (text: string, ...flags: string[]): Promise<string> => {
    const run = await lab.run(['-p', text, '--output-format', 'json', '--allowedTools', 'Bash,Agent', ...flags]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return (JSON.parse(run.stdout) as { session_id: string }).session_id;
  };
  const inLab = async <Value>(...args: string[]): Promise<Value> => {
    const { stdout, stderr } = await ccsess([...args, '--json'], {
      home: lab.home,
      env: { CLAUDE_CONFIG_DIR: lab.configDir },
      cwd: lab.work,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Value;
  };
  const listed = async (id: string): Promise<Listed> =>
    (await inLab<Listed[]>('list')).find((session) => session.id === id)!;
  const lastReport = ({ transcript }: Listed): CostState =>
    JSON.parse(
      readFileSync(transcript, 'utf8')
        .split('\n')
        .findLast((line) => line.includes('"type":"cost-state"'))!,
    ) as CostState;

  /** Compares tokens exactly and costs to a billionth. */
  const expectAsReported = async (id: string): Promise<Listed> => {
    const session = await listed(id);
    const { totalCostUSD, modelUsage } = lastReport(session);
    const sum = (member: string): number =>
      Object.values(modelUsage).reduce((total, usage) => total + usage[member]!, 0);
    const { input, output, cacheRead, cacheWrite } = session.tokens;
    expect([input, output, cacheRead, cacheWrite]).toEqual(
      ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens'].map(sum),
    );
    expect(Math.abs(session.costUsd - totalCostUSD)).toBeLessThan(1e-9);
    expect(session).toMatchObject({ reportedCostUsd: totalCostUSD, problems: [] });
    return session;
  };

  it('resumed turns and parallel tool calls have the tokens and cost that Claude Code reports', async () => {
    const id = await claude('Say hello');
    await expectAsReported(id);
    await claude(
      prompt('Two at once, then one', { tools: [bash('echo a'), bash('echo b')] }, { tools: [bash('echo c')] }),
      '--resume',
      id,
    );
    const session = await expectAsReported(id);
    expect(session.own).toEqual({ tokens: session.tokens, costUsd: session.costUsd });
  });

  it('subagents are included, parallel ones too', async () => {
    const agent = (name: string): { name: string; input: Record<string, unknown> } => ({
      name: 'Agent',
      input: {
        description: name,
        prompt: `Look at ${name}`,
        subagent_type: 'general-purpose',
        run_in_background: false,
      },
    });
    const id = await claude(prompt('Send two', { tools: [agent('one'), agent('two')] }));
    expect((await expectAsReported(id)).subagents).toBe(2);
  });

  it.each([
    ['fast mode in the United States', 'claude-opus-5-5', { speed: 'fast', inference_geo: 'us' }],
    ['a long request', 'claude-sonnet-4-5', { input_tokens: 250_000 }],
    [
      'an advisor',
      'claude-sonnet-4-5',
      {
        inference_geo: 'us',
        iterations: [
          {
            type: 'advisor_message',
            model: 'claude-opus-4-5-20251101',
            input_tokens: 100_000,
            output_tokens: 5000,
            cache_read_input_tokens: 10,
            cache_creation_input_tokens: 100,
            cache_creation: { ephemeral_1h_input_tokens: 40, ephemeral_5m_input_tokens: 60 },
          },
        ],
      },
    ],
  ])('%s has the cost that Claude Code reports', async (_, model, usage) => {
    await expectAsReported(await claude(prompt('Priced otherwise', { text: 'done', usage }), '--model', model));
  });

  it('the own usage of a session and of its fork add up to the usage of both together', async () => {
    const before = await inLab<Stats>('stats');
    const parent = await claude('The parent');
    const child = await claude('The child', '--resume', parent, '--fork-session');
    const [first, second] = [await expectAsReported(parent), await expectAsReported(child)];
    const after = await inLab<Stats>('stats');
    expect(first.own.tokens).toEqual(first.tokens);
    expect(second.own.tokens.total).toBe(second.tokens.total - first.tokens.total);
    expect(after.totals.tokens.total - before.totals.tokens.total).toBe(
      first.own.tokens.total + second.own.tokens.total,
    );
    expect(after.totals.costUsd - before.totals.costUsd).toBeCloseTo(first.own.costUsd + second.own.costUsd, 9);
    expect([after.totals.responses - before.totals.responses, after.totals.sharingSessions]).toEqual([2, 2]);
    const bySession = await inLab<Stats>('stats', '--by', 'session');
    expect(bySession.rows.find(({ key }) => key === child)?.costUsd).toBeCloseTo(second.own.costUsd, 12);
  });
});
