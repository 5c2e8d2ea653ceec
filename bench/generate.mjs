// Makes a corpus: node bench/generate.mjs T|S|M|L [FOLDER]. Prints the folder, which holds config/ and truth.jsonl.
// A size gives the same bytes on every machine. A finished corpus is used again.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { SIZES, planCorpus } from './corpus-plan.mjs';
import { writeSession } from './corpus-session.mjs';

/** Raised whenever a generator's output changes, so that old corpora are not taken for new ones. */
const REVISION = 2;

/** Returns the folder of a size's corpus, which is generated first if it does not exist. */
export async function corpus(
  size,
  folder = join(process.env.CCSESS_BENCH_DIR || join(tmpdir(), 'ccsess-bench'), `${size}-${REVISION}`),
) {
  if (!(size in SIZES)) throw new Error(`no corpus size ${size}: one of ${Object.keys(SIZES).join(', ')}`);
  const truthPath = join(folder, 'truth.jsonl');
  if (existsSync(truthPath) && isAsWritten(folder, truthPath)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const plans = planCorpus(size);
  const parts = await Promise.all(
    shares(plans, availableParallelism()).map((part) => writeAside(join(folder, 'config'), part)),
  );
  const truths = new Map(parts.flat().map((truth) => [truth.id, truth]));
  // Last and by rename: a corpus with a truth file is complete.
  writeFileSync(`${truthPath}.part`, plans.map(({ id }) => `${JSON.stringify(truths.get(id))}\n`).join(''));
  renameSync(`${truthPath}.part`, truthPath);
  return folder;
}

/** Compares the size of the biggest transcript, to which a killed measurement may have left lines appended. */
function isAsWritten(folder, truthPath) {
  const { projectDir, id, transcriptBytes } = JSON.parse(readFileSync(truthPath, 'utf8').split('\n', 1)[0]);
  const path = join(folder, 'config/projects', projectDir, `${id}.jsonl`);
  return existsSync(path) && statSync(path).size === transcriptBytes;
}

/** Parts of about equal bytes: each session, biggest first, goes to the smallest part. */
function shares(plans, count) {
  const parts = Array.from({ length: count }, () => ({ bytes: 0, plans: [] }));
  for (const plan of [...plans].sort((a, b) => b.bytes - a.bytes)) {
    const least = parts.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.bytes += plan.bytes;
    least.plans.push(plan);
  }
  return parts.map((part) => part.plans);
}

function writeAside(configDir, plans) {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { configDir, plans } });
    worker.once('message', done);
    worker.once('error', failed);
  });
}

if (!isMainThread && workerData?.plans)
  parentPort.postMessage(workerData.plans.map((plan) => writeSession(workerData.configDir, plan)));
else if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(await corpus(process.argv[2] ?? 'S', process.argv[3]));
