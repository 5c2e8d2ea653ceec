import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { recoverEntries, type Recovered } from '../../../src/retention/restore/recover.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { trashSources } from '../../../src/retention/trash/trash-dir.js';
import type { EntryState, TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { ID, Removable } from '../../support/removable.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Recovers a removed session from a state that a kill left, after a change to its entry. */
async function recovered(
  state: EntryState,
  change: (entry: TrashEntry, home: Removable) => void,
): Promise<Pick<Recovered, 'outcome' | 'error'> | undefined> {
  const home = new Removable();
  await home.run(['rm', ID, '--yes', '--no-compress']);
  const [entry] = readTrash(home.configDirs, null);
  if (entry === undefined) throw new Error('nothing is in the trash');
  change(entry, home);
  entry.setState(state);
  const [result] = recoverEntries(trashSources(home.configDirs, []), () => () => {});
  return result && { outcome: result.outcome, error: result.error };
}

/** Replaces the project dir with a link. */
function linkProject(_entry: TrashEntry, home: Removable): void {
  const project = dirname(home.transcript);
  rmSync(project, { recursive: true, force: true });
  symlinkSync(temporaryFolder('outside'), project);
}

const isLink = expect.stringContaining('is a link') as string;

test('a session that was half restored stays in the trash if a link would lead it elsewhere', async () => {
  expect(await recovered('restoring', linkProject)).toEqual({ outcome: 'in-trash', error: isLink });
});

test('a session that is only partly in the trash does not count as removed, and the next run tries again', async () => {
  const outcome = await recovered('restoring', (entry, home) => {
    linkProject(entry, home);
    const root = entry.session.roots.at(-1);
    if (root !== undefined) renameSync(entry.storedPath(root), join(home.configDir, 'elsewhere'));
  });
  expect(outcome).toEqual({ outcome: 'failed', error: isLink });
});

test.each<[EntryState, Recovered['outcome']]>([
  ['moving', 'put-back'],
  ['moved', 'in-trash'],
  ['restoring', 'restored'],
  ['emptying', 'deleted'],
])('a session in state %s is %s', async (state, outcome) => {
  expect(await recovered(state, () => {})).toEqual({ outcome, error: null });
});
