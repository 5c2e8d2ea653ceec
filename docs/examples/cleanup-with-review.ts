// A prune that is planned, reviewed as a file, narrowed, applied, and taken back.
import { readFile, writeFile } from 'node:fs/promises';
import { applyPrune, planPrune, restore, type PrunePlan } from 'ccsess';

await writeFile('plan.json', JSON.stringify(await planPrune({ olderThan: '30d', includeArchived: true })));

const plan = JSON.parse(await readFile('plan.json', 'utf8')) as PrunePlan;
plan.remove = plan.remove.filter(({ cwd }) => cwd !== '/srv/prod');
for (const { id, title, footprintBytes, reasons } of plan.remove)
  console.log(id, title, footprintBytes, reasons.map(({ code }) => code).join(' '));

const { totals } = await applyPrune(plan, { lockWaitMs: 60_000 });
console.log(`removed ${totals.removed}, freed ${totals.freedBytes} bytes`);
if (totals.removed > 0) console.log(`${(await restore('@last-prune')).length} restored`);
