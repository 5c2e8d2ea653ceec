import { describe, expect, test } from 'vitest';
import { findCheckpoint } from '../../../src/checkpoints/find-checkpoint.js';
import { readHistory } from '../../../src/checkpoints/history.js';
import type { Checkpoint, History } from '../../../src/checkpoints/model.js';
import { stateOf } from '../../../src/checkpoints/state.js';
import { CheckpointedSession, removeFile, SESSION } from '../../support/checkpointed.js';

function historyOf(session: CheckpointedSession): History {
  return readHistory({ path: session.transcript });
}

function stateAt(history: History, at: string): Record<string, string | null> {
  const state = stateOf(history, findCheckpoint(history, at, SESSION));
  return Object.fromEntries([...state].map(([path, backup]) => [path, backup === null ? 'unknown' : backup.name]));
}

describe('the state before a prompt', () => {
  test('is that of its snapshot, with the files its turn was the first to edit', () => {
    const session = new CheckpointedSession();
    session.put('old.txt', 'old\n');
    session.prompt('one', { 'a.txt': 'a1\n' });
    session.prompt('two', { 'a.txt': 'a2\n', 'old.txt': 'new\n' });
    session.prompt('three');
    const history = historyOf(session);
    expect(stateAt(history, '1')).toEqual({ 'a.txt': null, 'old.txt': session.backupName('old.txt', 1) });
    expect(stateAt(history, '2')).toEqual({
      'a.txt': session.backupName('a.txt', 2),
      'old.txt': session.backupName('old.txt', 1),
    });
    expect(stateAt(history, '3')).toEqual({
      'a.txt': session.backupName('a.txt', 3),
      'old.txt': session.backupName('old.txt', 2),
    });
  });

  test('knows that a file was removed between two prompts', () => {
    const session = new CheckpointedSession();
    session.prompt('one', { 'a.txt': 'a1\n' });
    removeFile(session.path('a.txt'));
    session.prompt('two');
    expect(stateAt(historyOf(session), '2')).toEqual({ 'a.txt': null });
  });

  test('takes the last of repeated snapshots, and keeps the deltas', () => {
    const session = new CheckpointedSession();
    const uuid = session.prompt('one', { 'a.txt': 'a1\n' });
    const snapshot = { messageId: uuid, timestamp: '2026-11-20T11:00:00.000Z', trackedFileBackups: {} };
    session.entry({ type: 'file-history-snapshot', messageId: uuid, snapshot, hasUntrackedChanges: true });
    const history = historyOf(session);
    expect(stateAt(history, '1')).toEqual({ 'a.txt': null });
    expect(history.checkpoints).toMatchObject([{ prompt: 1, snapshot: { hasUntrackedChanges: true } }]);
  });

  test('is unknown for a file whose first version is only on an abandoned branch', () => {
    const session = new CheckpointedSession();
    session.prompt('one', { 'a.txt': 'a1\n' });
    const [first = ''] = session.prompts;
    session.prompt('two', { 'b.txt': 'b1\n' });
    session.rewindConversation(first);
    session.prompt('three');
    const history = historyOf(session);
    expect(history.checkpoints.map(({ prompt, isActive }) => [prompt, isActive])).toEqual([
      [1, true],
      [2, true],
      [null, false],
    ]);
    expect(stateAt(history, '1')).toEqual({ 'a.txt': null, 'b.txt': 'unknown' });
    expect(stateAt(history, session.prompts[1] ?? '')).toEqual({
      'a.txt': session.backupName('a.txt', 2),
      'b.txt': null,
    });
  });

  test('marks a copy as overwritten if a newer one got its name after a compaction', () => {
    const session = new CheckpointedSession();
    session.prompt('one', { 'a.txt': 'a1\n' });
    session.prompt('two', { 'a.txt': 'a2\n' });
    const [, second = ''] = session.prompts;
    const backup = {
      backupFileName: session.backupName('a.txt', 2),
      version: 2,
      backupTime: '2026-11-20T12:00:00.000Z',
      realParentDir: session.project,
    };
    session.entry({
      type: 'file-history-delta',
      messageId: 'x',
      snapshotMessageId: session.prompts[0],
      trackingPath: 'b.txt',
      backup,
    });
    const state = stateOf(historyOf(session), findCheckpoint(historyOf(session), second, SESSION));
    expect(state.get('a.txt')).toMatchObject({ isOverwritten: true });
    const first = stateOf(historyOf(session), findCheckpoint(historyOf(session), '1', SESSION));
    expect(first.get('b.txt')).toMatchObject({ isOverwritten: false });
  });

  test.each([
    ['a line cut short', (text: string) => `${text}{"type":"file-history-snapshot","messageId":"x","snap`],
    ['a snapshot that is not an object', (text: string) => `${text}{"type":"file-history-snapshot","snapshot":7}\n`],
    ['a delta of an unknown message', (text: string) => `${text}{"type":"file-history-delta","trackingPath":"a"}\n`],
    [
      'backups of wrong types',
      (text: string) =>
        `${text}{"type":"file-history-snapshot","messageId":"y","snapshot":{"trackedFileBackups":{"a":1,` +
        '"b":{"version":"1"}}}}\n',
    ],
  ])('is read despite %s', (_, damage) => {
    const session = new CheckpointedSession();
    session.prompt('one', { 'a.txt': 'a1\n' });
    session.rewrite(damage);
    expect(stateAt(historyOf(session), '1')).toEqual({ 'a.txt': null });
  });
});

describe('a checkpoint', () => {
  function threeOf(numbers: readonly (number | null)[]): History {
    const checkpoints = numbers.map((prompt, at): Checkpoint => {
      const messageUuid = `${at}${at}aa0000-0000-4000-8000-000000000000`;
      const snapshot = { messageUuid, timestamp: null, files: new Map(), hasUntrackedChanges: false };
      const rest = { timestamp: null, text: '', gitBranch: null, previousUuid: null };
      return { messageUuid, prompt, isActive: true, ...rest, snapshot };
    });
    return { snapshots: [], active: [], checkpoints };
  }

  test('is found by the number of its prompt, by its uuid and by the start of it', () => {
    const history = threeOf([1, 3, null]);
    for (const [at, place] of [
      ['1', 0],
      ['3', 1],
      ['22aa', 2],
      ['11AA0000-0000-4000-8000-000000000000', 1],
    ] as const)
      expect(findCheckpoint(history, at, SESSION)).toBe(history.checkpoints[place]);
  });

  test.each([
    ['2', 'prompt 2 has no checkpoint.', 'the nearest prompts that have one: 1, 3; all: session.checkpoints()'],
    ['12345', 'prompt 12345 has no checkpoint.', 'the nearest prompts that have one: 1, 3; all: session.checkpoints()'],
    ['ffff', "no message 'ffff' with a checkpoint.", 'those it has: session.checkpoints()'],
    ['11', 'prompt 11 has no checkpoint.', 'the nearest prompts that have one: 1, 3; all: session.checkpoints()'],
  ])('is not found for %s, with an error that names the nearest', (at, message, hint) => {
    expect(() => findCheckpoint(threeOf([1, 3, null]), at, SESSION)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message, hint }),
    );
  });
});
