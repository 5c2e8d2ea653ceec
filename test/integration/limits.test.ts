import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { getSession } from '../../src/index.js';
import { run, type Outcome } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = '11111111-0000-4000-8000-000000000001';
const home = temporaryFolder('limits');
const project = join(home, '.claude/projects/-home-me-app');
const transcript = join(project, `${ID}.jsonl`);
beforeEach(() => {
  rmSync(join(home, '.claude'), { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
});

function ccsess(...argv: string[]): Promise<Outcome> {
  return run(argv, { home });
}

/** The text of a value that is nested this deep, or an array or object this wide. */
function hugeValue(shape: 'arrays' | 'objects' | 'both' | 'wide-array' | 'wide-object', size: number): string {
  switch (shape) {
    case 'arrays':
      return '['.repeat(size) + ']'.repeat(size);
    case 'objects':
      return `${'{"a":'.repeat(size)}0${'}'.repeat(size)}`;
    case 'both':
      return `${'[{"type":"text","text":'.repeat(size)}"x"${'}]'.repeat(size)}`;
    case 'wide-array':
      return `[${'{"type":"text","text":"x"},'.repeat(size)}0]`;
    case 'wide-object':
      return `{${Array.from({ length: size }, (_, at) => `"k${at}":${at}`).join(',')}}`;
    default:
      return shape satisfies never;
  }
}

/** Entries in which `@` stands for a value: in members that some command reads, and in others. */
const PLACES = [
  ['user', '"message":{"role":"user","content":@}'],
  ['user', '"message":{"role":"user","content":[{"type":"text","text":"hi"},@]}'],
  [
    'user',
    '"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":@}]},"toolUseResult":@',
  ],
  ['user', '"message":@'],
  ['user', '"message":{"role":"user","content":"hi"},"unknown":@,"origin":@,"slug":@'],
  ['user', '"message":{"role":"user","content":"hi"},"uuid":@'],
  ['user', '"message":{"role":"user","content":"hi"},"timestamp":@,"cwd":@,"gitBranch":@,"forkedFrom":@'],
  [
    'assistant',
    '"message":{"id":"m","model":"claude-a","content":[{"type":"tool_use","id":"t","name":"Bash","input":@}],' +
      '"usage":@}',
  ],
  [
    'assistant',
    '"message":{"id":@,"model":@,"content":[{"type":"text","text":@}],"usage":{"input_tokens":@,"cache_creation":@}}',
  ],
  ['system', '"subtype":"compact_boundary","compactMetadata":@'],
  ['system', '"subtype":"compact_boundary","compactMetadata":{"preservedMessages":@,"preservedSegment":@,"x":@}'],
  ['system', '"subtype":"informational","content":@'],
  ['attachment', '"attachment":{"type":"queued_command","prompt":@}'],
  ['attachment', '"attachment":@'],
  ['progress', '"data":@'],
  ['custom-title', '"customTitle":@'],
  ['last-prompt', '"lastPrompt":@'],
  ['file-history-snapshot', '"messageId":"m","snapshot":@'],
  ['content-replacement', '"x":@'],
  ['relocated', '"relocatedCwd":@'],
  ['cost-state', '"totalCostUSD":@'],
  ['brand-new', '"x":@'],
] as const;

/** A transcript of one conversation, with a value in each of the given positions. */
function conversation(values: readonly (readonly [place: number, value: string])[]): string {
  let parent = 'null';
  return [[PLACES.length, ''] as const, ...values]
    .map(([place, value], at) => {
      const [type, members] = PLACES[place] ?? ['user', '"message":{"role":"user","content":"first"}'];
      const uuid = `"00000000-0000-4000-8000-${String(at).padStart(12, '0')}"`;
      const start =
        `{"parentUuid":${parent},"isSidechain":false,"uuid":${uuid},"sessionId":"${ID}",` +
        '"timestamp":"2026-11-20T10:00:00.000Z","cwd":"/home/me/app"';
      parent = uuid;
      return `${start},"type":"${type}",${members.replaceAll('@', value)}}\n`;
    })
    .join('');
}

const COMMANDS = [
  ['list'],
  ['list', '--json'],
  ['stats', '--json'],
  ['stats', '--by', 'session'],
  ['show', ID],
  ['show', ID, '--tools', '--thinking', '--messages', 'all'],
  ['show', ID, '--json'],
  ['show', ID, '--jsonl', '--messages', 'all'],
  ['show', ID, '--tail', '3'],
  ['show', ID, '--raw'],
  ['prune', '--older-than', '1h', '-n', '--json'],
  ['rename', ID, 'A title'],
  ['tag', ID, 'tag'],
  ['path', ID, '--cwd'],
  ['fork', ID],
  ['fork', ID, '--at', '1', '--json'],
  ['projects', '--json'],
  ['forecast', '--json'],
];

/** Runs every command; returns those that failed, or whose JSON cannot be read. */
async function failures(): Promise<string[]> {
  const failed: string[] = [];
  for (const argv of COMMANDS) {
    const { stdout, stderr, exitCode } = await ccsess(...argv);
    // After the boundary of a compaction there may be nothing to fork.
    if (exitCode === 4 && /has no (?:prompt 1|messages to fork)\./.test(stderr)) continue;
    const isJson = !argv.includes('--json') || isReadable(stdout);
    if (exitCode !== 0 || stderr !== '' || !isJson)
      failed.push(`${argv.join(' ')}: ${exitCode} ${stderr.slice(0, 200)}`);
  }
  const session = await getSession(ID, { configDir: join(home, '.claude'), cacheDir: null });
  if (session === null) return ['library'];
  let entries = 0;
  for await (const _ of session.transcript.entries()) entries += 1;
  for await (const _ of session.messages({ which: 'all' })) entries += 1;
  return entries === 0 ? ['library'] : failed;
}

function isReadable(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

describe('JSON of any depth and width', () => {
  test('makes no command fail, wherever it is', async () => {
    writeFileSync(transcript, conversation(PLACES.map((_, place) => [place, hugeValue('both', 6_000)])));
    expect(await failures()).toEqual([]);
  });

  test('makes no command fail at a hundred thousand levels', async () => {
    writeFileSync(
      transcript,
      conversation([
        [10, hugeValue('objects', 100_000)],
        [2, hugeValue('arrays', 100_000)],
        [7, hugeValue('objects', 100_000)],
        [4, hugeValue('both', 100_000)],
      ]),
    );
    expect(await failures()).toEqual([]);
  });

  test('makes no command fail, whatever its content', async () => {
    const value = fc.tuple(
      fc.nat(PLACES.length - 1),
      fc
        .tuple(
          fc.constantFrom('arrays', 'objects', 'both', 'wide-array', 'wide-object'),
          fc.integer({ min: 1, max: 20_000 }),
        )
        .map((made) => hugeValue(...made)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), async (values) => {
        writeFileSync(transcript, conversation(values));
        expect(await failures()).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test('is in a fork and in show --json as Claude Code wrote it', async () => {
    const deep = hugeValue('objects', 20_000);
    writeFileSync(
      transcript,
      conversation([
        [7, deep],
        [4, deep],
      ]),
    );
    const { stdout } = await ccsess('show', ID, '--json');
    expect(stdout).toContain(`"input":${deep}`);
    const forked = await ccsess('fork', ID);
    const { stdout: copy } = await ccsess('show', forked.stdout.trim(), '--raw');
    expect(copy).toContain(`"content":[{"type":"tool_use","id":"t","name":"Bash","input":${deep}}],"usage":${deep}}`);
    expect(copy).toContain(`"unknown":${deep},"origin":${deep}`);
  });
});
