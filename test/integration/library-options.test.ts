import { expect, test } from 'vitest';
import * as library from '../../src/index.js';
import { CcsessError } from '../../src/index.js';
import { fixtureHome } from '../support/fixtures.js';

/** The library as a JavaScript program sees it. */
type Loose = Record<string, (...args: unknown[]) => unknown>;

const loose = library as unknown as Loose;
const where = { configDir: fixtureHome('recorded/print'), cacheDir: null };
const ID = '00000006';
const NO_PROTOTYPE: unknown = Object.create(null);

/** Waits for a result, and takes the first item of an iterable. Returns the error it rejects with. */
async function rejection(act: () => unknown): Promise<unknown> {
  try {
    const result = await act();
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result)
      for await (const _ of result as AsyncIterable<unknown>) break;
    return null;
  } catch (error) {
    return error;
  }
}

async function expectRefused(act: () => unknown, message: string | RegExp, code = 'USAGE'): Promise<void> {
  const error = await rejection(act);
  expect(error).toBeInstanceOf(CcsessError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
}

test.each<[string, Record<string, unknown>, string]>([
  ['listSessions', { sort: ['size'] }, 'sort must be a string, not an array.'],
  ['listSessions', { prices: true }, 'prices must be a string, not true.'],
  ['listSessions', { live: 'yes' }, 'live must be a boolean, not yes.'],
  ['listSessions', { since: NO_PROTOTYPE }, 'since an object: not a time.'],
  ['listSessions', { limit: Symbol('x') }, 'limit a symbol: not a whole number of zero or more.|must be a number'],
  ['listSessions', { cacheDir: 7 }, 'cacheDir must be a string'],
  ['listSessions', { cacheDir: '\0' }, 'cacheDir must not contain a NUL character.'],
  ['listSessions', { now: null }, 'now is not a function.'],
  ['listPrices', { models: 7 }, 'models must be a string or an array of strings.'],
  ['orphanedHistory', { toDir: null }, 'toDir must be a string, not null.'],
  ['planPrune', { olderThan: '30d', keepLast: '3' }, 'keepLast must be a number, not 3.'],
  ['planPrune', { olderThan: '30d', permanent: 0 }, 'permanent must be a boolean, not 0.'],
  ['planPrune', { olderThan: '30d', minIdle: 600 }, 'minIdle must be a string, not 600.'],
  ['emptyTrash', { dryRun: 1 }, 'dryRun must be a boolean, not 1.'],
  ['recover', { lockWaitMs: NaN }, 'lockWaitMs NaN: not a number of zero or more.'],
  ['recover', { trashDir: '\0' }, 'trashDir must not contain a NUL character.'],
])('%s refuses %j', async (name, options, message) => {
  await expectRefused(() => loose[name]?.({ ...where, ...options }), message);
});

test('a session of a config dir that was not given is not called gone', async () => {
  const other = await library.listSessions({ ...where, limit: 1 });
  await expectRefused(
    () => library.listTouchedFiles(other[0]!, { ...where, configDir: fixtureHome('recorded/ui') }),
    /^session \S+ is in none of the config dirs of this call: \S+\.jsonl\.$/,
  );
});

test('arguments of another type are refused', async () => {
  await expectRefused(() => loose['listSessions']?.([]), 'options must be an object, not an array.');
  await expectRefused(() => loose['searchSessions']?.('x', { ...where, in: 7 }), 'in must be a string or an array');
  await expectRefused(() => loose['readFileVersion']?.(ID, 7, 1, where), 'path must be a string');
  await expectRefused(() => loose['undoRewind']?.(7, where), 'id must be a string');
  await expectRefused(() => loose['planRewind']?.(ID, Symbol('x'), where), 'to must be a string or a number');
  await expectRefused(() => loose['applyPrune']?.(1n, where), 'not a plan', 'PLAN_REFUSED');
  for (const plan of [null, {}, { files: [], skipped: [], unchanged: [], toDir: null }])
    await expectRefused(() => loose['applyRewind']?.(plan, where), 'not a plan of planRewind', 'PLAN_REFUSED');
});

test.each<[Record<string, unknown>, string]>([
  [{ now: 5 }, 'now is not a function.'],
  [{ onProblem: 'x' }, 'onProblem is not a function.'],
  [{ signal: {} }, 'signal is not an AbortSignal.'],
  [{ cacheDir: 7 }, 'cacheDir must be a string'],
  [{ cacheDir: '\0' }, 'cacheDir must not contain a NUL character.'],
])('a call with a session refuses %j, too', async (options, message) => {
  const session = await library.getSession(ID, where);
  await expectRefused(() => loose['protect']?.(session, { ...options, dryRun: true }), message);
  await expectRefused(() => loose['listTouchedFiles']?.(session, options), message);
});

test('arguments of another type are refused by sessions', async () => {
  const session = (await library.getSession(ID, where)) as unknown as Loose;
  await expectRefused(() => session['messages']?.({ which: ['all'] }), 'which must be a string, not an array.');
  await expectRefused(() => session['fork']?.({ title: null }), 'title must be a string, not null.');
  await expectRefused(() => session['fork']?.({ at: [1] }), 'at must be a string or a number, not an array.');
  await expectRefused(() => session['archive']?.('no'), 'archived must be a boolean, not no.');
  await expectRefused(() => session['pin']?.(0), 'pinned must be a boolean, not 0.');
  await expectRefused(() => session['move']?.('/\0'), 'folder must not contain a NUL character.');
  await expectRefused(
    () => session['resumeCommand']?.({ args: null }),
    'args must be a string or an array of strings.',
  );
});
