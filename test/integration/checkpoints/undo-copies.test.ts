import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CheckpointedSession, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { validator } from '../../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-29T12:03:07.000Z');
const UNDO = '2026-11-29T12-03-07Z';
const DAY = 86_400_000;

function ccsess(session: CheckpointedSession, args: readonly string[], world: World = {}): Promise<Outcome> {
  return run(args, { ...session.world, now: NOW, ...world });
}

async function rewound(): Promise<CheckpointedSession> {
  const session = new CheckpointedSession();
  session.prompt('First thing', { 'a.txt': 'a1\n' });
  session.prompt('Second thing', { 'a.txt': 'a2\n' });
  expect(await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes'])).toMatchObject({ exitCode: 0 });
  return session;
}

function copiesIn(session: CheckpointedSession): string[] {
  return readdirSync(join(session.configDir, '.ccsess/trash/rewinds'));
}

test('trash list shows undo copies separately from sessions', async () => {
  const session = await rewound();
  const other = '33333333-0000-4000-8000-000000000003';
  session.put(
    join(session.transcript, `../${other}.jsonl`),
    (session.get(session.transcript) ?? '').replaceAll(SESSION, other),
  );
  const world = { now: NOW + DAY };
  expect(await ccsess(session, ['rm', other, '--yes'], world)).toMatchObject({ exitCode: 0 });
  const list = await ccsess(session, ['trash'], { terminal: 100, ...world });
  expect(list.stdout).toMatch(/33333333 .*\n\n1 session .*\n\n +UNDO COPY +MADE +FILES +SIZE +STATE +SESSION\n/);
  expect(list.stdout).toContain(`${UNDO}  1d        1`);
  // Programs restore what the list prints, so JSON and pipes have only sessions.
  expect((await ccsess(session, ['trash'], world)).stdout.split('\t')[0]).toBe(other);
  expect((await ccsess(session, ['trash'], world)).stdout.trim().split('\n')).toHaveLength(1);
  const restored = await ccsess(session, ['restore', '@last-prune'], world);
  expect(restored).toMatchObject({ stdout: `${other}\n`, exitCode: 0 });
  expect(copiesIn(session)).toEqual([UNDO]);
});

test('trash list --rewinds and trash show print them, in JSON as the schema says', async () => {
  const session = await rewound();
  const [copy] = JSON.parse((await ccsess(session, ['trash', 'list', '--rewinds', '--json'])).stdout) as object[];
  expect(validator('undo-copies')([copy])).toBe('');
  expect(copy).toMatchObject({
    sessionId: SESSION,
    undo: UNDO,
    kind: 'rewind',
    state: 'done',
    prompt: 2,
    files: [{ path: 'a.txt', existed: true, bytes: 3 }],
  });
  expect(JSON.parse((await ccsess(session, ['trash', 'show', UNDO, '--json'])).stdout)).toEqual(copy);
  expect((await ccsess(session, ['trash', 'list', '--rewinds'])).stdout).toMatch(
    new RegExp(`^${UNDO}\\t2026-11-29T12:03:07.000Z\\tdone\\t1\\t\\d+\\t${SESSION}\\tFirst thing|Second thing\\n$`),
  );
  expect((await ccsess(session, ['trash', 'show', UNDO])).stdout).toContain(`Restore: ccsess rewind --undo ${UNDO}\n`);
});

test('trash empty deletes them, by age, and reports them', async () => {
  const session = await rewound();
  const young = await ccsess(session, ['trash', 'empty', '--older-than', '1d', '--yes']);
  expect(young).toMatchObject({ exitCode: 0 });
  expect(copiesIn(session)).toEqual([UNDO]);
  const args = ['trash', 'empty', '--older-than', '1d', '--yes', '--json'];
  const outcome = await ccsess(session, args, { now: NOW + 2 * DAY });
  expect(outcome).toMatchObject({ stderr: '', exitCode: 0 });
  expect(validator('emptied')(JSON.parse(outcome.stdout))).toBe('');
  expect(JSON.parse(outcome.stdout)).toMatchObject({ sessions: [], undoCopies: [UNDO] });
  expect(copiesIn(session)).toEqual([]);
});

test('they expire like sessions in the trash, and their bytes count as those of expired sessions', async () => {
  const session = await rewound();
  const [copy] = JSON.parse((await ccsess(session, ['trash', 'list', '--rewinds', '--json'])).stdout) as object[];
  const expireBytes = async (days: number): Promise<number> => {
    const args = ['prune', '--older-than', '9999d', '--yes', '--json'];
    const { stdout } = await ccsess(session, args, { now: NOW + days * DAY });
    return (JSON.parse(stdout) as { totals: { expireBytes: number } }).totals.expireBytes;
  };
  expect(await expireBytes(20)).toBe(0);
  expect(copiesIn(session)).toEqual([UNDO]);
  expect(copy).toMatchObject({ heldBytes: await expireBytes(90) });
  expect(copiesIn(session)).toEqual([]);
});

test('those of an interrupted rewind are kept, and commands mention the undo', async () => {
  const session = await rewound();
  const folder = join(session.configDir, '.ccsess/trash/rewinds');
  const manifest = session.get(join(folder, UNDO, 'manifest.json')) ?? '';
  mkdirSync(join(folder, `${UNDO}.applying`));
  writeFileSync(join(folder, `${UNDO}.applying`, 'manifest.json'), manifest);
  rmSync(join(folder, UNDO), { recursive: true });
  const note = `ccsess: a rewind was interrupted; to put its files back: ccsess rewind --undo ${UNDO}\n`;
  expect((await ccsess(session, ['list'])).stderr).toBe(note);
  expect((await ccsess(session, ['trash'])).stderr).toBe(note);
  expect(await ccsess(session, ['recover'])).toEqual({ stdout: '', stderr: note, exitCode: 3 });
  await ccsess(session, ['trash', 'empty', '--yes']);
  expect(copiesIn(session)).toEqual([`${UNDO}.applying`]);
});

test('links and damaged manifests among them are neither followed nor deleted', async () => {
  const session = await rewound();
  const elsewhere = temporaryFolder('elsewhere');
  writeFileSync(
    join(elsewhere, 'manifest.json'),
    session.get(join(session.configDir, '.ccsess/trash/rewinds', UNDO, 'manifest.json')) ?? '',
  );
  const folder = join(session.configDir, '.ccsess/trash/rewinds');
  symlinkSync(elsewhere, join(folder, '2026-11-29T12-03-08Z'));
  mkdirSync(join(folder, '2026-11-29T12-03-09Z'));
  writeFileSync(join(folder, '2026-11-29T12-03-09Z', 'manifest.json'), '{}');
  const { stdout, stderr } = await ccsess(session, ['trash', 'list', '--rewinds']);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('The manifest of an undo copy is missing or damaged');
  await ccsess(session, ['trash', 'empty', '--yes']);
  expect(copiesIn(session)).toEqual(['2026-11-29T12-03-08Z', '2026-11-29T12-03-09Z']);
  expect(readdirSync(elsewhere)).toEqual(['manifest.json']);
});
