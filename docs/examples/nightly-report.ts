// Yesterday's sessions, one line each, and what they cost.
import { listSessions } from 'ccsess';

const sessions = await listSessions({ since: 'yesterday', until: 'today', sort: 'cost' });
for (const { metadata } of sessions) {
  const { title, cwd, prompts, costUsd } = metadata;
  console.log(`${title ?? '(no title)'}  ${cwd ?? ''}  ${prompts} prompts  $${(costUsd ?? 0).toFixed(2)}`);
}
const total = sessions.reduce((sum, { metadata }) => sum + (metadata.own?.costUsd ?? 0), 0);
console.log(`${sessions.length} sessions, $${total.toFixed(2)}`);
