import { expect, test } from 'vitest';
import { leaveInterruptsToChild } from '../../../src/cli/terminal/interrupts.js';

test('Ctrl-C does not end the process until it is released', () => {
  const before = process.listenerCount('SIGINT');
  const release = leaveInterruptsToChild();
  expect(process.emit('SIGINT')).toBe(true);
  release();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('each child process keeps Ctrl-C until it is released itself', () => {
  const before = process.listenerCount('SIGINT');
  const [first, second] = [leaveInterruptsToChild(), leaveInterruptsToChild()];
  first();
  first();
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  second();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
