// Writes the files as they were before a session into another folder; then rewinds and forks, to try again.
import { applyRewind, listCheckpoints, listSessions, planRewind } from 'ccsess';

const [newest] = await listSessions({ touched: '.', limit: 1 });
const [first] = newest === undefined ? [] : (await listCheckpoints(newest)).checkpoints;
if (newest !== undefined && first !== undefined) {
  const copy = await planRewind(newest, first.messageUuid, { toDir: `before-${newest.id}` });
  const { files } = await applyRewind(copy);
  console.log(files.map(({ absolutePath }) => absolutePath).join('\n'));

  const plan = await planRewind(newest, first.messageUuid);
  plan.files = plan.files.filter(({ changedSince }) => !changedSince);
  const { undo, fork } = await applyRewind(plan, { fork: true });
  console.log(`ccsess resume ${fork ?? ''}    # undo: ccsess rewind --undo ${undo ?? ''}`);
}
