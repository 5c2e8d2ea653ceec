import { parentPort } from 'node:worker_threads';
import { type Batch, BatchSearcher, type BatchResult, type SearchTask } from './batch.js';

/** Message to a worker: the task first, then batches. */
export type WorkerRequest = { task: SearchTask } | { batch: Batch };

let searcher: BatchSearcher | undefined;

// The body of a searching thread: one batch in, one result out, until it is ended.
parentPort?.on('message', (request: WorkerRequest) => {
  if ('task' in request) searcher = new BatchSearcher(request.task);
  else if (searcher !== undefined) parentPort?.postMessage(searcher.search(request.batch) satisfies BatchResult);
});
