import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import {
  applyPrune,
  createSession,
  moveProject,
  planPrune,
  recover,
  removeSessions,
  restore,
  type LibraryOptions,
  type Problem,
  type Session,
} from '../../src/index.js';
import { temporaryFolder } from '../support/temporary.js';
import { put } from '../unit/claude/disk.js';

const BROKEN = '{"version":1,"sessions":[{"id":"';
const WRONG = JSON.stringify({ version: 1, sessions: [], memory: [{ from: 'a', to: '..' }], readers: [] });

let work: string;
let where: LibraryOptions;
let heard: Problem[];
let session: Session;

beforeEach(async () => {
  work = realpathSync(temporaryFolder('library'));
  for (const name of ['config', 'a', 'b']) mkdirSync(join(work, name));
  heard = [];
  where = { configDir: join(work, 'config'), cacheDir: null, onProblem: (problem) => void heard.push(problem) };
  session = await createSession({ ...where, cwd: join(work, 'a') });
});

const CHANGES: [string, () => Promise<unknown>][] = [
  ['session.move', () => session.move(join(work, 'b'))],
  ['moveProject', () => moveProject(join(work, 'a'), join(work, 'b'), where)],
  ['removeSessions', () => removeSessions([session.id], where)],
  ['applyPrune', async () => applyPrune(await planPrune({ ...where, empty: true }), where)],
  ['restore', () => restore('@last-prune', where)],
  ['recover', () => recover(where)],
];

test.each(CHANGES)('%s reports a damaged journal that it sets aside, once', async (name, change) => {
  if (name === 'restore') await removeSessions([session.id], where);
  for (const text of [BROKEN, WRONG]) {
    put(work, { 'config/.ccsess/move.journal': text });
    const result = await change();
    const aside = join(work, 'config/.ccsess', `move.journal.damaged${text === BROKEN ? '' : '-2'}`);
    const problem = {
      code: 'interrupted-move',
      message: 'The journal of an interrupted move is damaged, so none of its sessions was touched.',
      file: aside,
    };
    expect(heard.splice(0)).toMatchObject([problem]);
    if (['removeSessions', 'applyPrune'].includes(name)) expect(result).toMatchObject({ problems: [problem] });
    expect(readFileSync(aside, 'utf8')).toBe(text);
    expect(existsSync(join(work, 'config/.ccsess/move.journal'))).toBe(false);
    // The second change of these kinds would start from a different state.
    if (!['recover', 'applyPrune'].includes(name)) return;
  }
  await change();
  expect(heard).toEqual([]);
});

test('a callback that is not a function is refused', async () => {
  const options = { ...where, onProblem: 'log' } as unknown as LibraryOptions;
  await expect(recover(options)).rejects.toMatchObject({ code: 'USAGE', message: 'onProblem is not a function.' });
});
