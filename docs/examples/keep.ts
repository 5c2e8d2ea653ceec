// Protects all sessions that Claude Code's own cleanup would delete in the next ten days, and pins one.
import { forecast, getSession, protect } from 'ccsess';

const { sessions } = await forecast({ within: '10d' });
const endangered = sessions.filter(({ whole, pinned }) => whole && !pinned).map(({ id }) => id);
for (const { id, safeUntil } of await protect(endangered)) console.log(id, safeUntil);

const important = await getSession('Rate limiter');
await important?.pin();
console.log(important?.metadata.pinned ?? 'no such session');
