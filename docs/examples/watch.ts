// Follows the newest live session, or gives up after a while.
import { setTimeout as sleep } from 'node:timers/promises';
import { listSessions } from 'ccsess';

const signal = AbortSignal.timeout(5_000);
const [session] = await listSessions({ live: true, limit: 1, signal });
if (session === undefined) console.log('no live session');
else {
  let seen = session.metadata.messageCount;
  while (!signal.aborted) {
    await session.refresh();
    for await (const { role, text } of session.messages({ offset: seen })) {
      seen += 1;
      console.log(`${role}: ${text}`);
    }
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
}
