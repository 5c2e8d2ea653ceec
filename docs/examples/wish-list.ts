// The functions that programs need most: create, get, list, read and prune sessions.
import { createSession, getOrCreateSession, listSessions, planPrune, applyPrune } from 'ccsess';

const session = await createSession({ title: 'Rate limiter', cwd: '.' });
console.log(session.id, session.path, session.exists);

const same = await getOrCreateSession(session.id);
console.log(same.metadata.title, same.metadata.createdAt);

for (const { id, metadata } of await listSessions({ project: '.', limit: 10 }))
  console.log(id, metadata.turns, metadata.tokens.total, metadata.costUsd);

for await (const message of session.messages()) console.log(message.role, message.text);
for await (const entry of session.transcript.entries()) console.log(entry['type']);

const plan = await planPrune({ olderThan: '30d', largerThan: 100_000_000, keepLast: 3 });
const done = await applyPrune(plan);
console.log(done.totals.removed, done.totals.freedBytes);
