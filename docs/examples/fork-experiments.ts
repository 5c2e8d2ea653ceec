// One fork for each idea, from the same prompt of a session.
import { getSession, listSessions } from 'ccsess';

const [newest] = await listSessions({ limit: 1 });
const session = newest === undefined ? null : await getSession(newest.id);
if (session !== null && session.metadata.prompts > 0) {
  for (const idea of ['token bucket', 'sliding window']) {
    const fork = await session.fork({ at: 1, title: `Rate limiter: ${idea}`, tag: 'experiment' });
    const { command } = await fork.resumeCommand({ args: ['-p', `Try a ${idea}`] });
    console.log(fork.metadata.forkedFrom?.id === session.id, command);
  }
}
