// The unit and integration tests of a checkout: the functions that each runs, its time, and the faults it notices.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { marked, markedSetup } from './mutants-sources.mjs';
import { root } from './program.mjs';

/** A run that takes this much longer than that without a fault hangs, and so was noticed. */
const PATIENCE = 5;
const MIN_PATIENCE_MS = 30_000;
/** Tests that take longer than this together are left out, but for the first: what only they notice survives. */
const MAX_TESTS_MS = 60_000;
/** Other work on the machine comes first. */
const NICENESS = 10;
/** Record of what runs of the tests showed, read by later runs. */
const LEARNED = join(root, 'node_modules/.cache/ccsess-torture/tests.json');
/** The set-up file of all tests. */
const SETUP = 'test/support/guard.ts';
/** Changed with what the marks record. */
const MARKS = '2';
/** How much earlier a test file runs for each fault of a source that it noticed. */
const FAVOUR = 2;

/** The tests of a checkout: which of them run which functions, and for how long. */
export class Tests {
  #checkout;
  #log;
  #env;
  #runner = null;
  /** By test file: `ms` without its tests, the `tests` by name with their time, and those that run a function. */
  #learned = new Map();
  /** By source and test file: how many faults it noticed in that. */
  #noticed = new Map();

  constructor(checkout, scratch) {
    this.#checkout = checkout;
    this.#log = join(scratch, 'reached');
    const temporary = join(scratch, 'tmp');
    mkdirSync(temporary);
    this.#env = { ...process.env, TMPDIR: temporary, CCSESS_REACHED: this.#log };
  }

  /**
   * Runs the tests without a fault, except those of an earlier run for which nothing has changed. Tests that fail are
   * left out, and returned with the reason.
   */
  async learn(sources, isWanted) {
    const failures = [];
    const known = learnedBefore();
    const common = this.#hashOf(['test/support', 'fixtures', 'package-lock.json'], MARKS);
    const versions = Object.fromEntries(sources.map((path) => [path, this.#hashOf([path], '')]));
    const marks = [...sources.map((path) => [path, (text) => marked(path, text)]), [SETUP, markedSetup]];
    const originals = marks.map(([path]) => [path, readFileSync(join(this.#checkout, path), 'utf8')]);
    for (const [at, [path, mark]] of marks.entries()) writeFileSync(join(this.#checkout, path), mark(originals[at][1]));
    const changed = marks.map(([path]) => join(this.#checkout, path));
    for (const file of this.#files().filter(isWanted)) {
      const hash = this.#hashOf([file], common);
      // A test that runs none of a source's functions is not changed by it.
      const isKnown =
        known[file]?.hash === hash &&
        Object.entries(known[file].versions).every(([path, one]) => versions[path] === one);
      if (!isKnown) {
        writeFileSync(this.#log, '');
        chmodSync(this.#log, 0o666);
        const { failed, took, reasons } = await this.#run([{ file, tests: null }], changed.splice(0), Infinity);
        if (failed !== null) {
          failures.push(`without a fault ${file} fails: ${reasons[0] ?? 'it was stopped'}`);
          continue;
        }
        const reached = this.#reached();
        const run = sources.filter((path) => Object.keys(reached).some((name) => name.startsWith(`${path}:`)));
        const own = Object.fromEntries(run.map((path) => [path, versions[path]]));
        known[file] = { hash, versions: own, ...took[file], reached };
        mkdirSync(dirname(LEARNED), { recursive: true });
        writeFileSync(LEARNED, JSON.stringify(known));
      }
      this.#learned.set(file, known[file]);
    }
    for (const [path, text] of originals) writeFileSync(join(this.#checkout, path), text);
    this.stop();
    return failures;
  }

  /** Runs the tests on a fault and returns `killed`, `timeout` or `survived`. */
  async judge({ path, start, end, text, reach }) {
    const runs = this.#inOrder(path, reach);
    const usualMs = runs.reduce((sum, { ms }) => sum + ms, 0);
    const absolute = join(this.#checkout, path);
    const original = readFileSync(absolute, 'utf8');
    writeFileSync(absolute, original.slice(0, start) + text + original.slice(end));
    const { failed, isStopped } = await this.#run(runs, [absolute], Math.max(MIN_PATIENCE_MS, usualMs * PATIENCE));
    writeFileSync(absolute, original);
    this.#runner?.changed.push(absolute);
    if (failed !== null && !isStopped) this.#noticed.set(`${path} ${failed}`, this.#timesNoticed(path, failed) + 1);
    return isStopped ? 'timeout' : failed === null ? 'survived' : 'killed';
  }

  stop() {
    if (this.#runner === null) return;
    try {
      process.kill(-this.#runner.child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    this.#runner = null;
  }

  /**
   * The tests that run a function, by file: first those named after the source, then the quick ones and those that
   * noticed faults in it before.
   */
  #inOrder(path, reach) {
    const subject = basename(path, '.ts');
    const cost = ({ file, ms }) =>
      ((basename(file).startsWith(`${subject}.`) ? 0.01 : 1) * ms) / (1 + FAVOUR * this.#timesNoticed(path, file));
    let totalMs = 0;
    return [...this.#learned.keys()]
      .map((file) => this.#testsOf(file, path, reach))
      .filter((run) => run !== null)
      .toSorted((a, b) => cost(a) - cost(b))
      .filter(({ ms }, at) => (totalMs += ms) <= MAX_TESTS_MS || at === 0);
  }

  #timesNoticed(path, file) {
    return this.#noticed.get(`${path} ${file}`) ?? 0;
  }

  /** The tests of a file that run a function, and their time; null if there are none. */
  #testsOf(file, path, reach) {
    const { ms, tests, reached } = this.#learned.get(file);
    // Code outside of functions runs at the import of a file, but counts only where a function of the file runs.
    const inside = Object.keys(reached).filter((name) => name.startsWith(`${path}:`));
    const positions = reach === path && inside.length > 0 ? inside : [reach];
    const names = new Set(positions.flatMap((name) => reached[name] ?? []));
    if (names.size === 0) return null;
    const total = tests.reduce((sum, [, testMs]) => sum + testMs, 0);
    if (names.has(null)) return { file, tests: null, ms };
    const own = tests.filter(([name]) => names.has(name)).reduce((sum, [, testMs]) => sum + testMs, 0);
    return { file, tests: [...names], ms: ms - total + own };
  }

  /** By function: the names of the tests that ran it; null among them for what ran outside of tests. */
  #reached() {
    const reached = {};
    for (const line of readFileSync(this.#log, 'utf8').split('\n').filter(Boolean)) {
      const [test, name] = JSON.parse(line);
      (reached[name] ??= []).push(test);
    }
    return reached;
  }

  #files() {
    const folders = ['test/unit', 'test/integration'].map((folder) => join(this.#checkout, folder));
    return folders
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true }).map((name) => relative(this.#checkout, resolve(folder, name))),
      )
      .filter((name) => name.endsWith('.test.ts'));
  }

  #hashOf(paths, salt) {
    const hash = createHash('sha256').update(salt);
    for (const path of paths) {
      const absolute = join(this.#checkout, path);
      const names = statSync(absolute).isDirectory() ? readdirSync(absolute, { recursive: true }).sort() : [''];
      for (const name of names) {
        const file = join(absolute, name);
        if (statSync(file, { throwIfNoEntry: false })?.isFile()) hash.update(name).update(readFileSync(file));
      }
    }
    return hash.digest('hex');
  }

  async #run(runs, changed, limitMs) {
    if (runs.length === 0) return { failed: null, isStopped: false, took: {}, reasons: [] };
    const runner = (this.#runner ??= await this.#start());
    const { child } = runner;
    return new Promise((done) => {
      const end = (result) => {
        clearTimeout(timer);
        child.off('message', hear);
        child.off('exit', lost);
        done(result);
      };
      const stopped = (isStopped) => {
        this.stop();
        end({ failed: runs[0].file, isStopped, took: {}, reasons: [] });
      };
      const hear = (message) => {
        if ('failed' in message) end({ ...message, isStopped: false });
      };
      const lost = () => stopped(false);
      const timer = limitMs === Infinity ? undefined : setTimeout(() => stopped(true), limitMs);
      child.on('message', hear);
      child.once('exit', lost);
      child.send({ runs, changed: [...runner.changed.splice(0), ...changed] });
    });
  }

  #start() {
    const child = fork(join(import.meta.dirname, 'mutants-runner.mjs'), {
      cwd: this.#checkout,
      env: this.#env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    setPriority(child.pid, NICENESS);
    return new Promise((done, failed) => {
      child.once('message', () => done({ child, changed: [] }));
      child.once('error', failed);
    });
  }
}

/** The record of earlier runs; empty without any. */
function learnedBefore() {
  try {
    return JSON.parse(readFileSync(LEARNED, 'utf8'));
  } catch {
    return {};
  }
}
