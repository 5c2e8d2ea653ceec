// Runs test files of a checkout, one after the other until one fails, in a process that keeps the compiled modules.
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';

// A worker may loop in a fault for ever, and nothing else ends it if the torture is killed. Both are in one group.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

const vitest = await createVitest('test', {
  watch: false,
  project: ['unit', 'integration'],
  maxWorkers: 1,
  bail: 1,
  reporters: [{}],
});

const specificationsOf = new Map();

/**
 * `runs` are test files, each with the names of the tests to run, null for all. `changed` are absolute paths of sources
 * that differ from those of the run before.
 */
process.on('message', async ({ runs, changed }) => {
  for (const path of changed) vitest.invalidateFile(path);
  const took = {};
  for (const { file, tests } of runs) {
    const startedMs = Date.now();
    if (!specificationsOf.has(file)) specificationsOf.set(file, await vitest.globTestSpecifications([file]));
    if (tests === null) vitest.resetGlobalTestNamePattern();
    else vitest.setGlobalTestNamePattern(new RegExp(`^(?:${tests.map(escaped).join('|')})$`));
    const run = await vitest.runTestSpecifications(specificationsOf.get(file));
    // It also holds results of earlier runs in other files.
    const testModules = run.testModules.filter(({ moduleId }) => moduleId === resolve(file));
    took[file] = { ms: Date.now() - startedMs, tests: testModules.flatMap(timesOf) };
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

function timesOf(module) {
  return [...module.children.allTests()].map((test) => [nameOf(test), test.diagnostic()?.duration ?? 0]);
}

/** Name of a test as the name pattern reads it: after those of its suites. */
function nameOf({ name, parent }) {
  return parent.type === 'suite' ? `${nameOf(parent)} ${name}` : name;
}

function escaped(name) {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function errorsOf(module) {
  const tests = [...module.children.allTests('failed')];
  return [...module.errors(), ...tests.flatMap((test) => test.result().errors ?? [])];
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n')[0];
}
