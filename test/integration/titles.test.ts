import { describe, expect, it } from 'vitest';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { run } from '../support/context.js';

const NOW = Date.parse('2026-11-23T07:00:00.000Z');
const ID = '11111111-0000-4000-8000-000000000001';
const PATH = `projects/-home-dev-app/${ID}.jsonl`;
const command = (name: string, args: string): string =>
  `<command-message>${name}</command-message>\n<command-name>/${name}</command-name>\n` +
  `<command-args>${args}</command-args>`;
const summary = (text: string, leafUuid?: string): string => line({ type: 'summary', summary: text, leafUuid });
const LEAF = 'eeeeeeee-0000-4000-8000-000000000001';
const OTHER = 'ffffffff-0000-4000-8000-00000000000f';

async function title(transcript: string): Promise<unknown> {
  const home = temporaryHome({ [PATH]: transcript }).path;
  const { stdout } = await run(['list', '--json', '--all', '--config-dir', home], { now: NOW });
  const [session] = JSON.parse(stdout) as { title: string; titleSource: string }[];
  return [session!.title, session!.titleSource];
}

describe('the title', () => {
  const answered = answerLine('m', 'ok', { uuid: LEAF });
  it.each([
    [
      'of a shell line',
      promptLine('<bash-input>ls  -la</bash-input>') + answered + promptLine('words'),
      ['! ls -la', 'prompt'],
    ],
    [
      'of a command',
      promptLine(command('story', 'make it\nblue')) + answered + promptLine('words'),
      ['/story make it blue', 'prompt'],
    ],
    ['not of a local command', promptLine(command('model', 'opus')) + promptLine('words'), ['words', 'prompt']],
    ['of a local command if that is all', promptLine(command('model', 'opus')), ['/model opus', 'prompt']],
    ['on one line', promptLine('one\n\ttwo   three'), ['one two three', 'prompt']],
    [
      'that was given, on one line',
      promptLine('x') + line({ type: 'custom-title', customTitle: 'one  \n two' }),
      ['one two', 'custom'],
    ],
    ['without elements', promptLine('<b>so</b> what') + answered, ['what', 'prompt']],
    [
      'not of an image',
      promptLine('', { message: { role: 'user', content: [{ type: 'image', source: {} }] } }) + promptLine('look'),
      ['look', 'prompt'],
    ],
    [
      'not of a teammate',
      promptLine('x') + line({ type: 'last-prompt', lastPrompt: '<teammate-message id="a">y</teammate-message>' }),
      ['x', 'prompt'],
    ],
    [
      'not by the summary of another conversation',
      summary('Other', OTHER) + promptLine('own') + answered,
      ['own', 'prompt'],
    ],
    [
      'by its own summary before it',
      summary('Own', LEAF) + summary('Other', OTHER) + promptLine('x') + answered,
      ['Own', 'summary'],
    ],
    [
      'by its own summary behind it',
      promptLine('x') + answered + summary('Own', LEAF) + summary('Other', OTHER),
      ['Own', 'summary'],
    ],
    [
      'by its own summary behind it, written by another program with blanks',
      (promptLine('x') + answered + summary('Own', LEAF)).replaceAll('":', '" : '),
      ['Own', 'summary'],
    ],
    [
      'by the last of its own',
      promptLine('x', { uuid: OTHER }) + summary('Later', OTHER) + summary('Last', LEAF) + answered,
      ['Last', 'summary'],
    ],
  ])('%s', async (_name, transcript, expected) => expect(await title(transcript)).toEqual(expected));

  it('of a fork is a prompt that the fork contains', async () => {
    const turns = ['one', 'two', 'three'].map((text, at) => {
      const uuids = [
        `dddddddd-0000-4000-8000-00000000000${2 * at}`,
        `dddddddd-0000-4000-8000-00000000000${2 * at + 1}`,
      ] as const;
      const parentUuid = at === 0 ? null : `dddddddd-0000-4000-8000-00000000000${2 * at - 1}`;
      return (
        promptLine(text, { uuid: uuids[0], parentUuid }) +
        answerLine(`m${at}`, 'ok', { uuid: uuids[1], parentUuid: uuids[0] })
      );
    });
    const last = line({ type: 'last-prompt', lastPrompt: 'three', leafUuid: 'dddddddd-0000-4000-8000-000000000005' });
    const home = temporaryHome({ [PATH]: turns.join('') + last }).path;
    const fork = async (...args: string[]): Promise<string> => {
      const { stdout } = await run(['fork', ID, ...args, '-n', '--json', '--config-dir', home], { now: NOW });
      return (JSON.parse(stdout) as { title: string }).title;
    };
    expect([await fork(), await fork('--at', '2'), await fork('--at', '1')]).toEqual([
      'three (fork)',
      'two (fork)',
      'one (fork)',
    ]);
  });

  it('is found by the title as given and as shown', async () => {
    const home = temporaryHome({
      [PATH]: promptLine('x') + line({ type: 'custom-title', customTitle: 'one  <b>x</b> two' }),
    }).path;
    for (const name of ['one  <b>x</b> two', 'One two']) {
      expect((await run(['path', name, '--config-dir', home], { now: NOW })).stdout).toContain(ID);
    }
  });
});
