// Prints the conversations of the subagents of this week's sessions.
import { listSessions } from 'ccsess';

for (const session of await listSessions({ since: '7d' })) {
  for (const agent of await session.subagents()) {
    let messages = 0;
    for await (const { text } of agent.messages()) messages += text === '' ? 0 : 1;
    console.log(session.id, agent.id, messages);
  }
}
