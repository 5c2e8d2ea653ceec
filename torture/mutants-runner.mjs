// Runs test files of a checkout, one after the other until one fails, in a process that keeps the compiled modules.
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';

const vitest = await createVitest('test', {
  watch: false,
  project: ['unit', 'integration'],
  maxWorkers: 1,
  bail: 1,
  reporters: [{}],
});

/** `changed` are absolute paths of sources that differ from those of the run before. */
process.on('message', async ({ files, changed }) => {
  for (const path of changed) vitest.invalidateFile(path);
  const took = {};
  for (const file of files) {
    const startedMs = Date.now();
    const specifications = await vitest.globTestSpecifications([file]);
    const run = await vitest.runTestSpecifications(specifications);
    took[file] = Date.now() - startedMs;
    // It also holds results of earlier runs in other files.
    const testModules = run.testModules.filter(({ moduleId }) => moduleId === resolve(file));
    const { unhandledErrors } = run;
    const isPassed = testModules.length > 0 && testModules.every((module) => module.ok());
    if (isPassed && unhandledErrors.length === 0) continue;
    process.send({
      failed: file,
      took,
      reasons: [...unhandledErrors, ...testModules.flatMap(errorsOf)].map(firstLine),
    });
    return;
  }
  process.send({ failed: null, took, reasons: [] });
});
process.send('ready');

function errorsOf(module) {
  const tests = [...module.children.allTests('failed')];
  return [...module.errors(), ...tests.flatMap((test) => test.result().errors ?? [])];
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n')[0];
}
