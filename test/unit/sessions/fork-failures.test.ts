import type * as Fs from 'node:fs';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { copyBackups } from '../../../src/sessions/fork/backups.js';
import { forkSession } from '../../../src/sessions/fork/fork.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { promptLine, temporaryHome } from '../../support/transcripts.js';
import { id } from '../claude/disk.js';

/** Ends of paths at which linking and copying, making a folder, and listing one fail. */
const disk = vi.hoisted(() => ({ copying: '', making: '', listing: '' }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const failing =
    <T extends unknown[], R>(step: keyof typeof disk, real: (...args: T) => R) =>
    (...args: T): R => {
      const path = String(args[0]);
      if (disk[step] === '' || !path.includes(disk[step])) return real(...args);
      throw Object.assign(new Error(`EIO: ${step}`), { code: 'EIO', path });
    };
  const mocked = {
    ...fs,
    linkSync: failing('copying', fs.linkSync),
    copyFileSync: failing('copying', fs.copyFileSync),
    mkdirSync: failing('making', fs.mkdirSync),
    readdirSync: failing('listing', fs.readdirSync as (...args: unknown[]) => unknown),
  };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { copying: '', making: '', listing: '' }));

test('of backups that cannot all be copied, none is left', () => {
  const folder = temporaryFolder('backups');
  mkdirSync(join(folder, 'from'));
  for (const name of ['a@v1', 'b@v1']) writeFileSync(join(folder, 'from', name), name);
  disk.copying = '/b@v1';
  const copy = (): unknown => copyBackups(join(folder, 'from'), join(folder, 'to'), new Set(['a@v1', 'b@v1']));
  expect(copy).toThrow('EIO: copying');
  expect(readdirSync(folder)).toEqual(['from']);
});

describe('a fork that fails', () => {
  const FORK = id(2);

  /** Makes a fork of a session with a tool result; returns the error, with the config dir as DIR, and what is left. */
  async function failed(failures: Partial<typeof disk>): Promise<[string, string[]]> {
    const configDir = temporaryHome({ [`projects/-a/${id(1)}.jsonl`]: promptLine('Hello', { sessionId: id(1) }) });
    const result = join(configDir.path, `projects/-a/${id(1)}/tool-results/b1.txt`);
    mkdirSync(dirname(result), { recursive: true });
    writeFileSync(result, 'output');
    const environment = { configDirs: [configDir], now: () => NOW, system: IDLE, env: {}, home: '/nowhere', cwd: '/' };
    const index = await openSessionIndex({ configDirs: [configDir], cacheDir: null, now: () => NOW, system: IDLE });
    const [row] = index.rows;
    if (row === undefined) throw new Error('there is a session');
    Object.assign(disk, failures);
    let message = '';
    try {
      forkSession(index, row, { id: FORK }, environment);
    } catch (error) {
      message = (error as Error).message.replaceAll(configDir.path, 'DIR');
    }
    Object.assign(disk, { copying: '', making: '', listing: '' });
    expect(readFileSync(result, 'utf8')).toBe('output');
    return [message, readdirSync(join(configDir.path, 'projects/-a')).sort()];
  }

  test.each<[string, Partial<typeof disk>, string]>([
    [
      "since a folder of the parent's cannot be read names that",
      { listing: `${id(1)}/tool-results` },
      `no fork was made: DIR/projects/-a/${id(1)}/tool-results cannot be read (EIO).`,
    ],
    [
      "since the parent's subagents cannot be listed names their folder",
      { listing: `${id(1)}/subagents` },
      `no fork was made: DIR/projects/-a/${id(1)}/subagents cannot be read (EIO).`,
    ],
    [
      'since its own folder cannot be made names its transcript',
      { making: FORK },
      `no fork was made: DIR/projects/-a/${FORK}.jsonl cannot be written (EIO).`,
    ],
  ])('%s, and leaves nothing', async (_why, failures, message) => {
    expect(await failed(failures)).toEqual([message, [id(1), `${id(1)}.jsonl`]]);
  });
});
