// Recovers from interrupted runs, removes scratch sessions in one run, and deletes old sessions from the trash.
import { CcsessError, createSession, emptyTrash, indexStatus, listTrash, recover, removeSessions } from 'ccsess';

for (const { id, outcome } of await recover()) console.log(id, outcome);

const scratch = await Promise.all([1, 2, 3].map((n) => createSession({ title: `Scratch ${n}`, tag: 'scratch' })));
const { remove, keep } = await removeSessions(scratch);
console.log(
  remove.length,
  keep.map(({ reasons }) => reasons[0]?.code),
);

console.log((await listTrash()).map(({ title, heldBytes }) => `${title ?? ''} ${heldBytes}`));
const { sessions, freedBytes } = await emptyTrash({ olderThan: '7d' });
console.log(sessions.length, freedBytes, indexStatus());

try {
  await listTrash({ olderthan: '7d' } as object);
} catch (error) {
  if (error instanceof CcsessError) console.log(error.code, error.message);
}
