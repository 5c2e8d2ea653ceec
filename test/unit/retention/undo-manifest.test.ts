import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readUndoManifest, writeUndoManifest } from '../../../src/retention/undo/manifest.js';
import type { UndoManifest } from '../../../src/retention/undo/model.js';
import { safeName } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';

const ID = '2026-11-29T12-03-07Z';
const SESSION = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33' as UndoManifest['sessionId'];
const FILE = { path: 'a.txt', before: { bytes: 3, mode: 0o644, mtimeMs: 1.5, sha256: 'ab' }, madeFolders: 0 };
const MANIFEST: UndoManifest = {
  schemaVersion: 1,
  id: ID,
  kind: 'rewind',
  undoes: null,
  savedAt: '2026-11-29T12:03:07.000Z',
  configDir: '/home/me/.claude',
  sessionId: SESSION,
  projectDir: safeName('-app'),
  cwd: '/app',
  title: 'Title',
  prompt: 2,
  messageUuid: 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
  files: [FILE, { ...FILE, path: 'new.txt', before: null }],
};

test('a manifest is read as it was written', () => {
  const folder = temporaryFolder('undo');
  writeUndoManifest(folder, MANIFEST);
  expect(readUndoManifest(folder, ID)).toEqual(MANIFEST);
  expect(readUndoManifest(folder, `${ID}-1`)).toBeNull();
});

test.each<[string, unknown]>([
  ['schemaVersion', 2],
  ['kind', 'other'],
  ['savedAt', 'soon'],
  ['savedAt', 7],
  ['configDir', 'home/me/.claude'],
  ['configDir', '/home\0'],
  ['sessionId', 'x'],
  ['sessionId', undefined],
  ['projectDir', '../x'],
  ['cwd', undefined],
  ['messageUuid', null],
  ['files', {}],
  ['files', [FILE, null]],
  ['files', [{ ...FILE, path: 1 }]],
  ['files', [{ ...FILE, madeFolders: -1 }]],
  ['files', [{ ...FILE, before: { ...FILE.before, bytes: 0.5 } }]],
  ['files', [{ ...FILE, before: { ...FILE.before, sha256: null } }]],
  ['files', [{ ...FILE, before: { ...FILE.before, mtimeMs: 'x' } }]],
])('a manifest is refused whose %s is %j', (member, value) => {
  const folder = temporaryFolder('undo');
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...MANIFEST, [member]: value }));
  expect(readUndoManifest(folder, ID)).toBeNull();
});
