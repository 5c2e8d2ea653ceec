// Small faults put into a copy of the sources, one at a time: the tests that run the changed function must notice each.
import { execFileSync, fork } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { EQUIVALENT } from './mutants-equivalent.mjs';
import { marked, mutantsOf } from './mutants-sources.mjs';
import { root } from './program.mjs';

/** Sources that are changed, and the test files that may run them. */
const MODULES = [
  {
    sources: ['src/transcript/append.ts'],
    tests: /append|tag|rename|archive|replaced|move-kills|title|keep\.test/,
  },
  { sources: ['src/sessions/move'], tests: /move|divide-steps/ },
  { sources: ['src/sessions/fork'], tests: /fork|splice|called-agents|large-result|limits/ },
  {
    sources: ['src/retention/trash', 'src/retention/restore', 'src/retention/reserve.ts'],
    tests: /retention|hard-links|hostile|limits|unregistered/,
  },
  {
    sources: ['src/retention/apply', 'src/retention/sweep.ts'],
    tests: /retention|hard-links|hostile|limits|unregistered|prune\.test/,
  },
  {
    sources: ['src/retention/plan', 'src/retention/keep', 'src/retention/model.ts'],
    tests: /retention|prune\.test|keep|limits|belonging|unregistered/,
  },
  {
    sources: ['src/retention/lock.ts', 'src/retention/lock-file.ts', 'src/retention/lock-write.ts'],
    tests: /retention|hostile/,
  },
  {
    sources: ['src/retention/replaced.ts', 'src/retention/replaced-record.ts'],
    tests: /replaced|move|tag|rename|apply|remainder/,
  },
];
/** A run that takes this much longer than that without a fault hangs, and so was noticed. */
const PATIENCE = 5;
const MIN_PATIENCE_MS = 30_000;
/** Part of the faults that the tests must notice. */
const MIN_SCORE = 0.9;

/** One round is one fault; `only` is the path of the sources to change, all if left out. */
export async function torture({ random, rounds, isOver, scratch, only = '' }) {
  const checkout = join(scratch, 'checkout');
  // Some tests run as another user, who must get through to their folders.
  chmodSync(scratch, 0o711);
  copyCheckout(checkout);
  const tests = new Tests(checkout, scratch);
  const failures = [];
  const results = new Map();
  try {
    const modules = MODULES.map((module) => ({
      ...module,
      sources: module.sources
        .flatMap((source) => sourcesBelow(checkout, source))
        .filter((source) => source.startsWith(only)),
    })).filter(({ sources }) => sources.length > 0);
    failures.push(...(await tests.learn(modules)));
    const faults = modules.map(({ sources, tests: pattern }) =>
      shuffled(random, judged(checkout, sources, failures)).map((mutant) => ({ ...mutant, pattern })),
    );
    for (const mutant of inTurn(faults, rounds)) {
      if (isOver()) break;
      const outcome = await tests.judge(mutant);
      if (!results.has(mutant.path)) results.set(mutant.path, { killed: 0, timeout: 0, survived: [] });
      const result = results.get(mutant.path);
      if (outcome === 'survived') result.survived.push(mutant);
      else result[outcome] += 1;
      if (outcome === 'survived') console.error(`  survived: ${described(mutant)}`);
    }
  } finally {
    tests.stop();
  }
  return report(results, failures);
}

function report(results, failures) {
  const all = [...results.values()];
  const survivors = all.flatMap(({ survived }) => survived);
  const tried = all.reduce((sum, { killed, timeout }) => sum + killed + timeout, survivors.length);
  const score = tried === 0 ? 1 : 1 - survivors.length / tried;
  const lines = [...results]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, { killed, timeout, survived }]) => [
      `${path}: ${killed} killed, ${survived.length} survived, ${timeout} timeout`,
      ...survived.toSorted((a, b) => a.start - b.start).map((mutant) => `  ${described(mutant)}`),
    ]);
  if (score < MIN_SCORE) failures.push(`tests notice less than ${MIN_SCORE * 100} % of the faults`);
  return { counts: { faults: tried, '% noticed': Math.floor(score * 100) }, failures, lines };
}

function described(mutant) {
  return `${mutant.path}:${mutant.line}: ${changeOf(mutant)}   in: ${mutant.source}`;
}

function changeOf({ was, text }) {
  return `${was.split('\n')[0].slice(0, 80)} → ${text === ';' ? 'dropped' : text.split('\n')[0].slice(0, 80)}`;
}

/** The faults of sources that are not equivalent to the source. */
function judged(checkout, sources, failures) {
  const mutants = sources.flatMap((path) => mutantsOf(path, readFileSync(join(checkout, path), 'utf8')));
  const equivalent = EQUIVALENT.filter(({ path }) => sources.includes(path));
  const fits = (one, mutant) =>
    one.path === mutant.path && one.source === mutant.source && one.change === changeOf(mutant);
  for (const one of equivalent)
    if (!mutants.some((mutant) => fits(one, mutant)))
      failures.push(`no such fault in ${one.path} (torture/mutants-equivalent.mjs): ${one.source}: ${one.change}`);
  return mutants.filter((mutant) => !equivalent.some((one) => fits(one, mutant)));
}

function shuffled(random, list) {
  const rest = [...list];
  return list.map(() => rest.splice(random.whole(0, rest.length - 1), 1)[0]);
}

/** One of each list after the other, as long as there is any. */
function* inTurn(lists, most) {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  let given = 0;
  for (let at = 0; at < longest; at++) for (const list of lists) if (at < list.length && given++ < most) yield list[at];
}

function copyCheckout(checkout) {
  const names = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  for (const name of names) {
    if (name === '' || !existsSync(join(root, name))) continue;
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    cpSync(join(root, name), join(checkout, name), { verbatimSymlinks: true });
  }
  // Built from the same sources as the copy: newer than those.
  cpSync(join(root, 'dist'), join(checkout, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
}

function sourcesBelow(checkout, source) {
  if (source.endsWith('.ts')) return [source];
  return readdirSync(join(checkout, source), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(source, name));
}

/** The tests of a checkout: which of them run which functions, and for how long. */
class Tests {
  #checkout;
  #log;
  #env;
  #runner = null;
  #msOf = new Map();
  #filesOf = new Map();

  constructor(checkout, scratch) {
    this.#checkout = checkout;
    this.#log = join(scratch, 'reached');
    const temporary = join(scratch, 'tmp');
    mkdirSync(temporary);
    this.#env = { ...process.env, TMPDIR: temporary, CCSESS_REACHED: this.#log };
  }

  /** Runs the tests without a fault; those that fail are left out, and returned with the reason. */
  async learn(modules) {
    const sources = modules.flatMap((module) => module.sources);
    const isWanted = (name) => modules.some((module) => module.tests.test(name));
    const originals = new Map(sources.map((path) => [path, readFileSync(join(this.#checkout, path), 'utf8')]));
    for (const [path, text] of originals) writeFileSync(join(this.#checkout, path), marked(path, text));
    const changed = sources.map((path) => join(this.#checkout, path));
    const failures = [];
    for (const file of this.#files(isWanted)) {
      writeFileSync(this.#log, '');
      chmodSync(this.#log, 0o666);
      const { failed, took, reasons } = await this.#run([file], changed.splice(0), Infinity);
      if (failed !== null) {
        failures.push(`without a fault ${file} fails: ${reasons[0] ?? 'it was stopped'}`);
        continue;
      }
      this.#msOf.set(file, took[file]);
      const reached = readFileSync(this.#log, 'utf8').split('\n');
      for (const name of new Set(reached)) this.#filesOf.set(name, [...(this.#filesOf.get(name) ?? []), file]);
    }
    for (const [path, text] of originals) writeFileSync(join(this.#checkout, path), text);
    this.stop();
    return failures;
  }

  /** Runs the tests on a fault and returns `killed`, `timeout` or `survived`. */
  async judge({ path, start, end, text, reach, pattern }) {
    const subject = basename(path, '.ts');
    // First the tests named after the source, then the quick ones.
    const costs = (file) => (basename(file).startsWith(`${subject}.`) ? 0.01 : 1) * this.#msOf.get(file);
    const files = (this.#filesOf.get(reach) ?? [])
      .filter((file) => pattern.test(file))
      .toSorted((a, b) => costs(a) - costs(b));
    const usualMs = files.reduce((sum, file) => sum + this.#msOf.get(file), 0);
    const absolute = join(this.#checkout, path);
    const original = readFileSync(absolute, 'utf8');
    writeFileSync(absolute, original.slice(0, start) + text + original.slice(end));
    const { failed, isStopped } = await this.#run(files, [absolute], Math.max(MIN_PATIENCE_MS, usualMs * PATIENCE));
    writeFileSync(absolute, original);
    this.#runner?.changed.push(absolute);
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

  #files(isWanted) {
    const folders = ['test/unit', 'test/integration'].map((folder) => join(this.#checkout, folder));
    return folders
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true }).map((name) => relative(this.#checkout, resolve(folder, name))),
      )
      .filter((name) => name.endsWith('.test.ts') && isWanted(name));
  }

  async #run(files, changed, limitMs) {
    if (files.length === 0) return { failed: null, isStopped: false, took: {}, reasons: [] };
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
        end({ failed: files[0], isStopped, took: {}, reasons: [] });
      };
      const hear = (message) => {
        if ('failed' in message) end({ ...message, isStopped: false });
      };
      const lost = () => stopped(false);
      const timer = limitMs === Infinity ? undefined : setTimeout(() => stopped(true), limitMs);
      child.on('message', hear);
      child.once('exit', lost);
      child.send({ files, changed: [...runner.changed.splice(0), ...changed] });
    });
  }

  #start() {
    const child = fork(join(import.meta.dirname, 'mutants-runner.mjs'), {
      cwd: this.#checkout,
      env: this.#env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return new Promise((done, failed) => {
      child.once('message', () => done({ child, changed: [] }));
      child.once('error', failed);
    });
  }
}
