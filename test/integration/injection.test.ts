import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { NOW } from '../support/builders.js';
import { run, type Outcome, type World } from '../support/context.js';
import { answerLine, line, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

/** Colours, a link, a window title, a one-byte CSI, a bell, a line break, bidi marks and zero-width characters. */
const EVIL =
  'x\u001b[31mred\u001b]8;;http://evil\u0007link\u001b]0;title\u001b\\\u009b5mC1\u0007\r\n' +
  'ccsess: fake\u202eltr\u200b\u2066\u00ad\u{e0041}\u001bc';
/** Characters that no text output may hold. */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\u{e0000}-\u{e007f}]/u;

const ID = '11111111-0000-4000-8000-000000000001';
const home = temporaryFolder('injection');
const configDir = join(home, '.claude');
const evilDir = join(home, `dir ${EVIL.replaceAll('/', '')}`);

beforeAll(() => {
  for (const root of [configDir, evilDir]) mkdirSync(join(root, 'projects/-home-me-app'), { recursive: true });
  const common = {
    cwd: `/home/${EVIL}`,
    gitBranch: EVIL,
    version: EVIL,
    timestamp: new Date(NOW - 90 * 86_400_000).toISOString(),
  };
  const text =
    promptLine(EVIL, { ...common, sessionId: ID }) +
    answerLine('m', EVIL, common) +
    line({ type: 'custom-title', customTitle: EVIL, sessionId: ID }) +
    line({ type: 'tag', tag: EVIL, sessionId: ID });
  for (const root of [configDir, evilDir]) writeFileSync(join(root, `projects/-home-me-app/${ID}.jsonl`), text);
  mkdirSync(join(configDir, 'projects', `-bad ${EVIL.replaceAll('/', '')}`));
  writeFileSync(join(configDir, 'projects', `-bad ${EVIL.replaceAll('/', '')}`, 'x'), '');
  mkdirSync(
    join(configDir, 'projects', `-bad ${EVIL.replaceAll('/', '')}`, '22222222-0000-4000-8000-000000000002.jsonl'),
  );
  writeFileSync(join(home, 'evil.json'), JSON.stringify({ schemaVersion: EVIL, [EVIL]: EVIL }));
});

const COMMANDS = [
  'list',
  'ls',
  'show',
  'path',
  'current',
  'projects',
  'stats',
  'create',
  'resume',
  'fork',
  'rename',
  'tag',
  'archive',
  'unarchive',
  'move',
  'prune',
  'rm',
  'restore',
  'trash',
  'forecast',
  'protect',
  'pin',
  'unpin',
  'recover',
  'index',
];
const FLAGS = [
  '--project',
  '--since',
  '--until',
  '--older-than',
  '--larger-than',
  '--kind',
  '--title',
  '--tag',
  '--branch',
  '--model',
  '--sort',
  '--limit',
  '--messages',
  '--head',
  '--tail',
  '--subagent',
  '--prices',
  '--by',
  '--at',
  '--id',
  '--cwd',
  '--apply',
  '--max-total',
  '--keep-last',
  '--min-idle',
  '--trash-ttl',
  '--trash-dir',
  '--within',
  '--until',
  '--for',
  '--to',
  '--claude-bin',
  '--prompt',
  '--prompts',
  '--lock-wait',
  '--sandbox',
  '--color',
  '--config-dir',
  '--time-zone',
  '--tz',
];

/** Command lines in which a hostile word stands wherever one can. */
const LINES: string[][] = [
  [EVIL],
  [`--${EVIL}`],
  [`-${EVIL}`],
  ['help', EVIL],
  ['--color', EVIL],
  ['--config-dir', EVIL],
  ['--config-dir', join(home, EVIL), 'list'],
  ['list', `--config-dir=${evilDir}`],
  ['projects', `--config-dir=${evilDir}`],
  ...COMMANDS.flatMap((command) => [
    [command, EVIL],
    [command, EVIL, EVIL],
    [command, ID, EVIL],
    [command, EVIL, ID],
    [command, `--${EVIL}`],
    [command, `--title=${EVIL}`],
    [command, '--', EVIL],
    [command, ID, '--', EVIL],
    [command, '--last', EVIL],
    [command, `@${EVIL}`],
    [command, `--config-dir=${evilDir}`, ID, '-n'],
    [command, `--config-dir=${evilDir}`, EVIL, '--yes'],
    ...FLAGS.flatMap((flag) => [
      [command, flag, EVIL],
      [command, `${flag}=${EVIL}`, ID],
    ]),
  ]),
  ['rename', ID, EVIL, '-n'],
  ['tag', ID, EVIL, '-n'],
  ['prune', '--apply', join(home, 'evil.json')],
  ['stats', '--prices', join(home, 'evil.json')],
  ['prune', '--apply', '-'],
  ['rm', ID, EVIL, '-n'],
  ['rm', ID, '-n'],
  ['trash', EVIL],
  ['trash', 'show', EVIL],
  ['trash', 'empty', EVIL],
  ['index', EVIL],
  ['create', '--id', EVIL, '--title', EVIL],
  ['resume', ID, '--print-command', '--json'],
  ['create', '-n', '--cwd', join(home, EVIL)],
  ['fork', ID, '-n', '--title', EVIL],
];

/** True for a command line that prints paths unchanged, for other programs: only some do, and only in a pipe. */
function isRaw(argv: readonly string[], { terminal }: World): boolean {
  return terminal === undefined && (argv.includes('--print-command') || argv.includes('path'));
}

/** Returns the command lines whose output has a character that it must not have. */
async function leaks(lines: readonly string[][], world: World): Promise<string[]> {
  const found: string[] = [];
  for (const argv of lines) {
    const outcome = await outcomeOf(argv, world);
    const texts = isRaw(argv, world) ? [outcome.stderr] : [outcome.stdout, outcome.stderr];
    const shown = texts.join('');
    const fake = outcome.stderr.split('\n').some((text) => text.startsWith('ccsess: fake'));
    if (UNSAFE.test(shown) || fake)
      found.push(
        JSON.stringify({ argv, leak: shown.slice(Math.max(0, shown.search(UNSAFE) - 60), shown.search(UNSAFE) + 40) }),
      );
  }
  return found;
}

function outcomeOf(argv: readonly string[], world: World): Promise<Outcome> {
  return run(argv, {
    home,
    cwd: home,
    now: NOW,
    stdin: JSON.stringify({ schemaVersion: EVIL }),
    env: { PATH: join(home, EVIL) },
    claude: () => ({ exitCode: 0, stdout: EVIL }),
    ...world,
  });
}

describe('no argument or file name puts a control sequence on the screen', () => {
  test('in a pipe', async () => expect(await leaks(LINES, {})).toEqual([]));
  test('on a terminal', async () =>
    expect(await leaks(LINES, { terminal: 100, answers: Array.from({ length: 4 }, () => false) })).toEqual([]));
  test('with --debug', async () =>
    expect(
      await leaks(
        LINES.map((argv) => ['--debug', ...argv]),
        {},
      ),
    ).toEqual([]));

  test('with --json, where errors are JSON that reads as it was', async () => {
    const lines = LINES.map((argv) => ['--json', ...argv]);
    expect(await leaks(lines, {})).toEqual([]);
    for (const argv of lines) {
      const { stderr, exitCode } = await outcomeOf(argv, {});
      const error = exitCode === 0 ? null : stderr.split('\n').find((text) => text.startsWith('{"error"'));
      if (error !== undefined && error !== null) expect(Object.keys(JSON.parse(error) as object)).toEqual(['error']);
    }
  });
});
