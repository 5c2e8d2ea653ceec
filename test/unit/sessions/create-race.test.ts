import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type * as WriteFile from '../../../src/system/write-file.js';
import { setArchived } from '../../../src/sessions/amend/archive.js';
import { createSession } from '../../../src/sessions/create/create.js';
import { SessionExists } from '../../../src/sessions/resolve/session-id.js';
import { IDLE } from '../../support/context.js';
import { addFile } from '../../support/transcripts.js';
import { configDirs, disk, id } from '../claude/disk.js';

/** Called right after each file is created, to act as another program. */
const other = vi.hoisted(() => ({ afterCreate: (): void => {} }));

vi.mock('../../../src/system/write-file.js', async (importOriginal) => {
  const real = await importOriginal<typeof WriteFile>();
  const createFile: typeof real.createFile = (...args) => {
    const isMade = real.createFile(...args);
    other.afterCreate();
    return isMade;
  };
  return { ...real, createFile };
});

function environment(root: string): Parameters<typeof createSession>[1] {
  return { configDirs: configDirs(root), now: Date.now, system: IDLE, env: {}, home: root, cwd: root };
}

test('a session is withdrawn if another project gets its id at the same moment', () => {
  const root = disk();
  const rival = `projects/-elsewhere/${id(1)}.jsonl`;
  other.afterCreate = () => void addFile(root, rival, '{}\n');
  expect(() => createSession({ id: id(1) }, environment(root))).toThrow(SessionExists);
  other.afterCreate = () => {};
  expect(existsSync(join(root, rival))).toBe(true);
  expect(existsSync(join(root, 'projects', root.replace(/[^A-Za-z0-9]/g, '-'), `${id(1)}.jsonl`))).toBe(false);
});

test('a session that is gone cannot be archived', () => {
  const root = disk();
  const place = environment(root);
  const [configDir] = place.configDirs as [(typeof place.configDirs)[number]];
  const { transcript } = createSession({ id: id(2) }, place);
  const file = {
    configDir,
    projectDir: '-app',
    id: id(3),
    path: transcript,
    stamp: { size: 0, mtimeMs: 0, ctimeMs: 0, ino: 0 },
    isPlain: true,
    agents: [],
    sideEntries: [],
  };
  expect(() => setArchived(file, true, place)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});
