import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import type { Footprint } from '../../../../src/claude/layout.js';
import { headerLines } from '../../../../src/cli/render/show.js';
import { toolLine, toolText, type ToolOutcome } from '../../../../src/cli/render/conversation/tool-line.js';
import { IN_COLUMNS, wrapLine } from '../../../../src/cli/render/text/wrap.js';
import { aRecord, HOME, NOW } from '../../../support/builders.js';

const screen = {
  width: 90,
  color: new Chalk({ level: 0 }),
  home: HOME,
  invocation: 'ccsess',
  now: NOW,
  fit: IN_COLUMNS,
  markdown: null,
};

describe('the header', () => {
  const footprint: Footprint = {
    parts: [
      { part: 'transcript', paths: [], files: 1, bytes: 3_040_870 },
      { part: 'tool-results', paths: [], files: 2, bytes: 464_896 },
    ],
    files: 3,
    bytes: 3_505_766,
  };

  test('spells out the signs of the table, and omits unknown facts', () => {
    const live = { pid: 48213, status: 'idle' };
    const record = aRecord({
      title: 'Fix prune',
      live,
      pinned: true,
      active: null,
      branch: 'fix/journal',
      tag: 'nightly',
      models: ['claude-a'],
      tokens: 1_902_114,
    });
    expect(
      headerLines({ record, costs: null, footprint, lineage: ['forked from 9be01d77 First plan'] }, screen),
    ).toEqual([
      'Fix prune                                                ● live: pid 48213, idle, ◆ pinned',
      '',
      '  id        3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
      '  folder    ~/code/app                                        branch  fix/journal',
      '  activity  unknown: no entry carries a time',
      '  models    claude-a                                          version 2.1.330',
      '  counts    1 prompt · 1 turn · 2 messages',
      '  tokens    1.9M in · 0 out · 0 cache read · 0 cache write',
      '  tag       #nightly',
      '  lineage   forked from 9be01d77 First plan',
      '  size      3.3 MiB: transcript 2.9 MiB, tool results 454 KiB',
      "  kept      until Wed 23 Dec 2026 (Claude Code's cleanup; prune renews it)",
      '  file      ~/.claude/projects/-home-me-code-app/3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.jsonl',
    ]);
  });

  test('shows damage and a missing folder on a narrow screen without losing a word', () => {
    const problem = { code: 'nul-run' as const, message: '8,192 NUL bytes', file: '/x', line: 311, byteOffset: 1 };
    const record = aRecord({
      title: 'A title that is too long for the line it is on',
      gone: true,
      problems: [problem],
      branch: 'main',
    });
    const lines = headerLines({ record, costs: null, footprint, lineage: [] }, { ...screen, width: 40 });
    expect(lines.slice(0, 8)).toEqual([
      'A title that is too long for the line it',
      'is on',
      '! damaged',
      '',
      '  id        3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
      '  folder    ~/code/app (gone)',
      '  branch    main',
      '  activity  Mon 23 Nov 2026 04:46 +00:00',
    ]);
    expect(lines.at(-1)).toBe('  damage    line 311: 8,192 NUL bytes');
  });
});

describe('the line of a tool call', () => {
  const folders = { cwd: '/home/me/app', home: HOME };
  const outcome = (members: Partial<ToolOutcome> = {}): ToolOutcome => ({
    isError: false,
    exitCode: null,
    text: '',
    bytes: 0,
    isWhole: true,
    details: null,
    isDenied: false,
    images: [],
    ...members,
  });
  const lineOf = (
    name: string,
    input: Record<string, unknown>,
    result: ToolOutcome | null = outcome(),
    width = Infinity,
  ): string => toolText(toolLine({ name, input }, result, folders, { width, fit: IN_COLUMNS }));

  test.each([
    [
      lineOf('Bash', { command: 'npm test' }, outcome({ isError: true, exitCode: 1, text: 'Exit code 1\na\nb\n' })),
      '▸ Bash npm test · exit 1 · 2 lines',
    ],
    [lineOf('Bash', { command: 'true' }), '▸ Bash true · exit 0'],
    [lineOf('Bash', { command: 'yes' }, outcome({ text: null, bytes: 31_744 })), '▸ Bash yes · exit 0 · 31 KiB'],
    [lineOf('Bash', { command: 'a\nb' }, outcome({ details: { interrupted: true } })), '▸ Bash a b · interrupted'],
    [lineOf('Read', { file_path: '/home/me/app/src/x.ts' }, outcome({ text: 'a\nb' })), '▸ Read src/x.ts'],
    [lineOf('Read', { file_path: '/home/me/other' }, outcome({ isError: true })), '▸ Read ~/other · error'],
    [
      lineOf('Grep', { pattern: 'rename(', path: '/x' }, outcome({ details: { mode: 'content', numLines: 14 } })),
      '▸ Grep "rename(" · 14 matches',
    ],
    [lineOf('Glob', { pattern: '**/*.ts' }, outcome({ details: { numFiles: 1 } })), '▸ Glob **/*.ts · 1 file'],
    [lineOf('Edit', { file_path: 'f', old_string: 'a\nb\nc', new_string: 'a\nB\nB2\nc' }), '▸ Edit f · +2 −1'],
    [
      lineOf(
        'Edit',
        { file_path: 'f' },
        outcome({ details: { structuredPatch: [{ lines: [' a', '-b', '+c', '+d'] }] } }),
      ),
      '▸ Edit f · +2 −1',
    ],
    [
      lineOf('MultiEdit', {
        file_path: 'f',
        edits: [
          { old_string: '', new_string: 'x\n' },
          { old_string: 'y', new_string: '' },
        ],
      }),
      '▸ MultiEdit f · +1 −1',
    ],
    [lineOf('Write', { file_path: 'f', content: 'a\nb\n' }), '▸ Write f · 2 lines'],
    [
      lineOf('Write', { file_path: 'f', content: 'a' }, outcome({ isDenied: true, isError: true })),
      '▸ Write f · refused',
    ],
    [lineOf('TodoWrite', { todos: [{}, {}] }), '▸ TodoWrite 2 items'],
    [lineOf('mcp__db__query', { sql: 'select 1' }, outcome({ text: 'a' })), '▸ mcp__db__query select 1 · 1 line'],
    [lineOf('Agent', { description: 'look', prompt: 'long' }, null), '▸ Agent look'],
    [lineOf('Odd', {}, outcome()), '▸ Odd'],
  ])('%s', (line, expected) => expect(line).toBe(expected));

  test('is cut in the command, not in its outcome', () => {
    expect(lineOf('Bash', { command: 'a very long command with an end' }, outcome({ text: 'x' }), 40)).toBe(
      '▸ Bash a very long co… · exit 0 · 1 line',
    );
  });
});

test.each([
  ['one two three', 7, ['one two', 'three']],
  ['  indented text here', 12, ['indented', 'text here']],
  ['請求書のテンプレート', 8, ['請求書の', 'テンプレ', 'ート']],
  ['', 8, ['']],
  ['a'.repeat(12), 5, ['aaaaa', 'aaaaa', 'aa']],
])('%j at %i columns', (text, width, lines) => expect(wrapLine(text, width)).toEqual(lines));

test('a word of three million characters is wrapped in linear time', () => {
  expect(wrapLine('x'.repeat(3_000_000), 80)).toHaveLength(37_500);
});
