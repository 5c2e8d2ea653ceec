import { describe, expect, it } from 'vitest';
import { answerLine, line, temporaryHome } from '../support/transcripts.js';
import { run } from '../support/context.js';

/** Files that were written just now would be kept from a prune. */
const NOW = Date.now() + 2 * 24 * 60 * 60 * 1000;
const ID = '11111111-0000-4000-8000-000000000001';
const command = (name: string, args: string): string =>
  `<command-message>${name}</command-message>\n<command-name>/${name}</command-name>\n` +
  `<command-args>${args}</command-args>`;

/** A session with every form of prompt that a person can send, and with entries that resemble prompts but are not. */
function transcript(): string {
  let text = '';
  let last: string | null = null;
  let serial = 0;
  const add = (members: object): void => {
    const uuid = `cccccccc-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
    const timestamp = new Date(Date.parse('2026-11-20T10:00:00.000Z') + serial * 60_000).toISOString();
    const common = {
      uuid,
      parentUuid: last,
      timestamp,
      isSidechain: false,
      cwd: '/home/dev/app',
      entrypoint: 'cli',
      sessionId: ID,
    };
    text += line({ ...common, ...members });
    last = uuid;
  };
  const say = (content: unknown, members: object = {}): void =>
    add({ type: 'user', message: { role: 'user', content }, ...members });
  const answer = (): void =>
    add(JSON.parse(answerLine(`m${serial}`, 'ok', { uuid: undefined, timestamp: undefined })) as object);
  say(command('greet', 'Ann   B'), { turnOrigin: 'human' });
  say('Greet Ann B', { isMeta: true });
  answer();
  say(command('old', 'x'));
  say([{ type: 'text', text: 'Do the old thing: x' }], { isMeta: true });
  answer();
  say('<bash-input>ls -la</bash-input>');
  say('<bash-stdout>a</bash-stdout><bash-stderr></bash-stderr>', { turnOrigin: 'human' });
  answer();
  say('<local-command-caveat>The command below was run directly.</local-command-caveat>', { isMeta: true });
  say(command('model', 'opus'));
  say('<local-command-stdout>Set model</local-command-stdout>');
  say('<teammate-message teammate_id="dev">\ndone\n</teammate-message>');
  answer();
  say('plain words');
  add({
    type: 'assistant',
    message: { id: 'call', role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }] },
  });
  say([{ type: 'tool_result', tool_use_id: 't', content: 'x' }]);
  const queued = {
    type: 'queued_command',
    commandMode: 'prompt',
    prompt: 'and quickly',
    origin: { kind: 'human' },
    humanTurn: true,
  };
  add({ type: 'attachment', attachment: queued });
  add({
    type: 'attachment',
    attachment: {
      ...queued,
      commandMode: 'task-notification',
      origin: { kind: 'task-notification' },
      humanTurn: false,
    },
  });
  answer();
  return text;
}

describe('prompts', () => {
  const path = `projects/-home-dev-app/${ID}.jsonl`;
  const home = temporaryHome({ [path]: transcript() }).path;
  const json = async (...args: string[]): Promise<unknown> => {
    const { stdout, stderr } = await run([...args, '--config-dir', home], { now: NOW });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };
  const TEXTS = ['/greet Ann   B', '/old x', '! ls -la', 'plain words', 'and quickly'];

  it('are counted by list, stats and prune in the way show numbers them', async () => {
    expect(await json('list', '--json')).toMatchObject([
      { prompts: 5, turns: 6, firstPrompt: TEXTS[0], lastPrompt: 'and quickly' },
    ]);
    expect(await json('stats', '--json')).toMatchObject({ totals: { prompts: 5 } });
    const pruned = async (most: string): Promise<unknown[]> =>
      ((await json('prune', '--prompts-at-most', most, '-n', '--json')) as { remove: unknown[] }).remove;
    expect([(await pruned('4')).length, (await pruned('5')).length]).toEqual([0, 1]);
    const { messages } = (await json('show', ID, '--json')) as { messages: { kind: string; prompt: number }[] };
    expect(messages.filter(({ kind }) => kind === 'prompt').map(({ prompt }) => prompt)).toEqual([1, 2, 3, 4, 5]);
  });

  it('are shown as they were typed', async () => {
    const { stdout } = await run(['show', ID, '--config-dir', home], { now: NOW });
    const shown = stdout
      .split('\n')
      .flatMap((text, at, lines) => (/^ +\d+ {2}you/.test(text) ? [lines[at + 1]!.trim()] : []));
    expect(shown).toEqual(TEXTS);
    expect(stdout).toContain('/model opus');
  });

  it.each([1, 2, 3, 4, 5])('can be forked at: %s', async (at) => {
    const fork = await json('fork', ID, '--at', String(at), '--json', '--title', `at ${at}`);
    expect(fork).toMatchObject({ prompts: at, lastPrompt: TEXTS[at - 1] });
  });

  it('unarchive a session, including prompts typed while Claude worked', async () => {
    const archived = '11111111-0000-4000-8000-000000000002';
    const other = temporaryHome({
      [`projects/-home-dev-app/${archived}.jsonl`]: transcript(),
      [`projects/-home-dev-app/${archived}/archived.json`]: JSON.stringify({
        archived: true,
        at: '2026-11-20T10:17:30.000Z',
        by: 'sdk',
      }),
    });
    const { stdout } = await run(['list', '--json', '--config-dir', other.path], { now: NOW });
    expect(JSON.parse(stdout)).toMatchObject([{ archived: false }]);
  });

  it('count once if their entry is in the file twice', async () => {
    const other = temporaryHome({ [path]: transcript() + transcript() });
    const { stdout } = await run(['list', '--json', '--config-dir', other.path], { now: NOW });
    expect(JSON.parse(stdout)).toMatchObject([{ prompts: 5, turns: 6 }]);
  });
});
