import { expect, it } from 'vitest';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { run, type Outcome } from '../support/context.js';
import { validator } from '../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-23T07:00:00.000Z');
const LEADER = '11111111-0000-4000-8000-000000000001';
const MATE = '11111111-0000-4000-8000-000000000002';
const TEAM = { teamName: 'alpha', agentName: 'dev' };
const leader = promptLine('Build it', { teamName: 'alpha' }) + answerLine('l', 'ok', { teamName: 'alpha' });
const mate = promptLine('You are dev', TEAM) + answerLine('m', 'ok', TEAM);

function home(transcript = mate, config: unknown = { name: 'alpha', leadSessionId: LEADER }): string {
  return temporaryHome({
    [`projects/-home-dev-app/${LEADER}.jsonl`]: leader,
    [`projects/-home-dev-app/${MATE}.jsonl`]: transcript,
    ...(config === null ? {} : { 'teams/alpha/config.json': JSON.stringify(config) }),
  }).path;
}

function ccsess(args: readonly string[], configDir: string, isTerminal = false): Promise<Outcome> {
  return run([...args, '--config-dir', configDir], { now: NOW, ...(isTerminal ? { terminal: 120 } : {}) });
}

async function record(configDir: string, id = MATE): Promise<Record<string, unknown>> {
  return JSON.parse((await ccsess(['path', id, '--json'], configDir)).stdout) as Record<string, unknown>;
}

it("a teammate's session is a kind of its own and names its leader", async () => {
  const found = await record(home());
  expect(found).toMatchObject({ kind: 'teammate', team: { name: 'alpha', agent: 'dev', leader: LEADER } });
  expect(validator('session')(found)).toBe('');
});

it('the session of the leader is an ordinary one', async () => {
  expect(await record(home(), LEADER)).toMatchObject({ kind: 'interactive', team: null });
});

it.each([
  ['is gone', null],
  ['names no leader', { name: 'alpha' }],
  ['names something else', { leadSessionId: '../../x' }],
])('the leader is unknown if the file of the team %s', async (_what, config) => {
  expect(await record(home(mate, config))).toMatchObject({ team: { leader: null } });
});

it('a name that is a path is not followed', async () => {
  const team = { teamName: '../teams/alpha', agentName: 'dev' };
  expect(await record(home(promptLine('x', team)))).toMatchObject({ kind: 'teammate', team: { leader: null } });
});

it('text about a team does not make a session one of a teammate', async () => {
  const text = promptLine('"teamName": "alpha", "agentName": "dev"') + line({ type: 'agent-name', agentName: 'dev' });
  expect(await record(home(text))).toMatchObject({ kind: 'interactive', team: null });
});

it('they are found by their kind, and show names the team', async () => {
  const configDir = home();
  const { stdout } = await ccsess(['list', '--kind', 'teammate', '--json'], configDir);
  expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual([MATE]);
  expect((await ccsess(['show', MATE], configDir)).stdout).toContain(`dev of alpha · led by ${LEADER}`);
});

it('a list on a terminal counts them in its footer', async () => {
  const configDir = home();
  const { stdout } = await ccsess(['list'], configDir, true);
  expect(stdout).not.toContain('You are dev');
  expect(stdout).toContain('Not listed: 1 teammate');
  expect((await ccsess(['list', '-a'], configDir, true)).stdout).toContain('You are dev');
});
