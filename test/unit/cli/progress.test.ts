import { expect, test } from 'vitest';
import { startProgress } from '../../../src/cli/terminal/progress.js';
import { Recorder } from '../../support/context.js';

test('progress is silent for a second, then a single line that is removed at the end', async () => {
  let now = 0;
  const stderr = new Recorder(true);
  const progress = startProgress(stderr, () => now, true);
  now = 999;
  progress?.report(1024 ** 2, 4 * 1024 ** 2);
  expect(stderr.text).toBe('');
  now = 1000;
  progress?.report(2 * 1024 ** 2, 4 * 1024 ** 2);
  now = 1050;
  progress?.report(3 * 1024 ** 2, 4 * 1024 ** 2);
  await progress?.end();
  expect(stderr.text).toBe('\r\u001b[KReading transcripts: 2.0 MiB of 4.0 MiB\r\u001b[K');
});

test('progress that never showed leaves nothing to clear', async () => {
  const stderr = new Recorder(true);
  await startProgress(stderr, () => 0, true)?.end();
  expect(stderr.text).toBe('');
});

test('there is no progress without a terminal, or where cursor movement is not allowed', () => {
  expect(startProgress(new Recorder(false), () => 0, true)).toBe(null);
  expect(startProgress(new Recorder(true), () => 0, false)).toBe(null);
});
