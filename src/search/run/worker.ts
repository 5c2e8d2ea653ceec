import { parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../../system/thread-priority.js';
import { loadEngine } from '../query/engine.js';
import { type Batch, BatchSearcher, type BatchResult, gatherFilters, type SearchTask } from './batch.js';

/** Message to a worker: the task first, then batches. */
export type WorkerRequest = { task: SearchTask } | { batch: Batch };

/** Nice value of a search in the background: the thread that handles keys gets the processor first. */
const NICENESS = 5;

let searcher: Promise<BatchSearcher> | undefined;

/** The engine is loaded once; batches wait for it. */
async function newSearcher(task: SearchTask): Promise<BatchSearcher> {
  return new BatchSearcher(task, await loadEngine(task.query));
}

async function answer(request: WorkerRequest): Promise<void> {
  if ('task' in request) searcher = newSearcher(request.task);
  else {
    const result = (await searcher)?.search(request.batch) satisfies BatchResult | undefined;
    if (result === undefined) return;
    const memory = gatherFilters(result);
    parentPort?.postMessage(result, memory === null ? [] : [memory]);
  }
}

if ((workerData as { isInBackground?: boolean } | null)?.isInBackground === true) lowerThreadPriority(NICENESS);
// The body of a searching thread: one batch in, one result out, until it is ended.
parentPort?.on('message', (request: WorkerRequest) => void answer(request));
