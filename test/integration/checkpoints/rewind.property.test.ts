import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CheckpointedSession, removeFile, SESSION } from '../../support/checkpointed.js';
import { run } from '../../support/context.js';
import { rounds } from '../../support/rounds.js';
import { snapshot, type Snapshot } from '../../support/trees.js';

const NAMES = ['a.txt', 'b.bin', 'dir/c.txt', 'dir/deep/d.txt'] as const;

/** Events of a turn: edits by Claude, and changes by hand or by Bash after them. */
interface Turn {
  edits: Partial<Record<(typeof NAMES)[number], string>>;
  hand: { name: (typeof NAMES)[number]; content: string | null; mode: number }[];
}

const content = fc.oneof(
  fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { maxLength: 6 }).map((lines) => lines.join('\n')),
  fc.constant('\u0000binary'),
);
const name = fc.constantFrom(...NAMES);
const turn: fc.Arbitrary<Turn> = fc.record({
  edits: fc.dictionary(name, content, { maxKeys: 3 }) as fc.Arbitrary<Turn['edits']>,
  hand: fc.array(fc.record({ name, content: fc.option(content), mode: fc.constantFrom(0o644, 0o600, 0o755) }), {
    maxLength: 2,
  }),
});
const history = fc.record({
  start: fc.dictionary(name, content, { maxKeys: 3 }),
  turns: fc.array(turn, { minLength: 2, maxLength: 5 }),
});

function play({ start, turns }: { start: Record<string, string>; turns: readonly Turn[] }): CheckpointedSession {
  const session = new CheckpointedSession();
  for (const [path, text] of Object.entries(start)) session.put(path, text);
  for (const [at, { edits, hand }] of turns.entries()) {
    session.prompt(`prompt ${at}`, edits as Record<string, string>);
    for (const { name: path, content: text, mode } of hand) {
      if (text === null) removeFile(session.path(path));
      else session.put(path, text, mode);
    }
  }
  return session;
}

function files(session: CheckpointedSession): Snapshot {
  return Object.fromEntries(
    Object.entries(snapshot(session.project))
      .filter(([, text]) => text.startsWith('file'))
      .map(([path, text]) => [path, text.replace(/^(file \d+) \d+/, '$1')]),
  );
}

/** Rewinds, and returns the tracked files afterwards. */
async function rewind(session: CheckpointedSession, to: number): Promise<Snapshot> {
  const { exitCode, stderr } = await run(['rewind', SESSION, '--to', String(to), '--yes'], session.world);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  return files(session);
}

/** Removes the home before the next example. */
async function withSession(
  events: Parameters<typeof play>[0],
  check: (session: CheckpointedSession) => Promise<void>,
): Promise<void> {
  const session = play(events);
  try {
    await check(session);
  } finally {
    rmSync(session.project, { recursive: true });
  }
}

const prompt = fc.nat(4);

test('a rewind and its undo change nothing, not even times', async () => {
  await fc.assert(
    fc.asyncProperty(history, prompt, (events, at) =>
      withSession(events, async (session) => {
        const before = snapshot(session.project);
        await rewind(session, (at % events.turns.length) + 1);
        const { exitCode, stderr } = await run(['rewind', '--undo', '--yes'], session.world);
        if (stderr.includes('no rewind to undo')) expect(exitCode).toBe(4);
        else expect(exitCode).toBe(0);
        // If the files are in that state already, there is nothing to undo.
        const folders = (tree: Snapshot): Snapshot =>
          Object.fromEntries(Object.entries(tree).filter(([, text]) => text.startsWith('file')));
        expect(folders(snapshot(session.project))).toEqual(folders(before));
      }),
    ),
    { numRuns: rounds(12) },
  );
});

test('a rewind to one prompt and then to another has the same result as only the second', async () => {
  await fc.assert(
    fc.asyncProperty(history, prompt, prompt, (events, first, second) =>
      withSession(events, async (session) => {
        const [n, m] = [(first % events.turns.length) + 1, (second % events.turns.length) + 1];
        await rewind(session, n);
        const byTwo = await rewind(session, m);
        await withSession(events, async (other) => expect(byTwo).toEqual(await rewind(other, m)));
      }),
    ),
    { numRuns: rounds(12) },
  );
});
