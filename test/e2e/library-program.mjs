// A program that uses only the library, run together with the real Claude Code (library.test.ts): creates a session,
// has it answered, lists it, streams its messages, forks it. Prints the results as JSON.
import { spawnSync } from 'node:child_process';
import { createSession, getSession, listSessions } from 'ccsess';

const session = await createSession({ title: 'From a program' });
const answered = spawnSync(process.env.CCSESS_CLAUDE_BIN, ['-p', 'Say hello', '--resume', session.id], {
  encoding: 'utf8',
});
await session.refresh();
const listed = await listSessions({ project: '.', since: '1h' });
const messages = [];
for await (const { kind, prompt, text } of session.messages()) messages.push({ kind, prompt, text });
const fork = await session.fork({ title: 'Another way', at: '1' });
const again = spawnSync(process.env.CCSESS_CLAUDE_BIN, ['-p', 'And now?', '--resume', 'Another way'], {
  encoding: 'utf8',
});
const grown = await getSession(fork.id);

console.log(
  JSON.stringify({
    answers: [answered.stdout.trim(), again.stdout.trim()],
    listed: listed.map(({ id, metadata: { title, turns } }) => ({ mine: id === session.id, title, turns })),
    messages,
    fork: { of: fork.metadata.forkedFrom.id === session.id, exists: fork.exists, turns: grown.metadata.turns },
  }),
);
