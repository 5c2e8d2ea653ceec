import type * as Fs from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { createFile, replaceFile } from '../../../src/system/write-file.js';
import { disk } from '../claude/disk.js';

const steps = vi.hoisted((): string[] => []);

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const noted = Object.fromEntries(
    (['writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'linkSync'] as const).map((name) => [
      name,
      (...args: unknown[]) => {
        steps.push(name);
        return (fs[name] as (...all: unknown[]) => unknown)(...args);
      },
    ]),
  );
  const mocked = { ...fs, ...noted };
  return { ...mocked, default: mocked };
});

beforeEach(() => void steps.splice(0));

test.each([
  ['replaced', replaceFile, 'renameSync'],
  ['created', createFile, 'linkSync'],
] as const)('a file that is %s is on the disk before it gets its name', (_, write, naming) => {
  const path = join(disk(), 'file');
  write(path, 'text');
  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(steps.slice(0, 4)).toEqual(['writeSync', 'fsyncSync', 'closeSync', naming]);
});
