// Small faults put into a copy of the sources, one at a time: the tests that run the changed function must notice each.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EQUIVALENT } from './mutants-equivalent.mjs';
import { mutantsOf } from './mutants-sources.mjs';
import { Tests } from './mutants-tests.mjs';
import { root } from './program.mjs';

/** Sources that are changed. */
const MODULES = [
  { name: 'append', sources: ['src/transcript/append.ts', 'src/transcript/late-lines.ts', 'src/sessions/amend'] },
  { name: 'move', sources: ['src/sessions/move'] },
  { name: 'fork', sources: ['src/sessions/fork'] },
  { name: 'trash', sources: ['src/retention/trash', 'src/retention/reserve.ts'] },
  { name: 'restore', sources: ['src/retention/restore'] },
  { name: 'apply', sources: ['src/retention/apply', 'src/retention/sweep.ts'] },
  { name: 'plan', sources: ['src/retention/plan', 'src/retention/model.ts'] },
  { name: 'keep', sources: ['src/retention/keep'] },
  { name: 'lock', sources: ['src/retention/lock.ts', 'src/retention/lock-file.ts', 'src/retention/lock-write.ts'] },
  { name: 'replaced files', sources: ['src/retention/replaced.ts', 'src/retention/replaced-record.ts'] },
  { name: 'undo copies', sources: ['src/retention/undo'] },
];
/** Test files that may run them. */
const TESTS = new RegExp(
  [
    'retention|unit/sessions/[a-z-]+\\.|append|recover|fork|move|prune|keep|copies|litter|limits|hard-links|hostile',
    'unregistered|belonging|archive|rename|tag|titles|library|linked|checkpoints|old-versions|large-result|late-lines',
    'folder-sums|huge-lines|unit/transcript/prompts\\.',
  ].join('|'),
);
/** Part of the faults that the tests must notice. */
const MIN_SCORE = 0.9;

/**
 * One round is one fault; `only` names the sources to change, all if left out: paths, maybe with a line, and commas
 * between them.
 */
export async function torture({ random, rounds, isOver, scratch, only = '' }) {
  const checkout = join(scratch, 'checkout');
  // Some tests run as another user, who must get through to their folders.
  chmodSync(scratch, 0o711);
  copyCheckout(checkout);
  const tests = new Tests(checkout, scratch);
  const failures = [];
  const results = [];
  try {
    const all = MODULES.map((module) => ({
      ...module,
      sources: module.sources.flatMap((source) => sourcesBelow(checkout, source)),
    }));
    const wanted = only.split(',').map((one) => one.split(':'));
    const isWanted = (source, line) =>
      wanted.some(
        ([path, at]) => source.startsWith(path) && (at === undefined || line === undefined || Number(at) === line),
      );
    const modules = all
      .map((module) => ({ ...module, sources: module.sources.filter((source) => isWanted(source)) }))
      .filter(({ sources }) => sources.length > 0);
    const sources = all.flatMap((module) => module.sources);
    failures.push(...(await tests.learn(sources, (file) => TESTS.test(file))));
    const faults = modules
      .flatMap((module) => judged(checkout, module.sources, failures).map((mutant) => ({ ...mutant, module })))
      .filter(({ path, line }) => isWanted(path, line));
    // One shuffle for all: each module has its share of a sample.
    for (const mutant of shuffled(random, faults).slice(0, rounds)) {
      if (isOver()) break;
      const outcome = await tests.judge(mutant);
      results.push({ mutant, outcome });
      if (outcome === 'survived') console.error(`  survived: ${described(mutant)}`);
    }
  } finally {
    tests.stop();
  }
  return report(results, failures);
}

function report(results, failures) {
  const score = results.length === 0 ? 1 : 1 - survivorsOf(results).length / results.length;
  const lines = MODULES.flatMap(({ name }) => {
    const own = results.filter(({ mutant }) => mutant.module.name === name);
    if (own.length === 0) return [];
    const noticed = own.length - survivorsOf(own).length;
    return [
      `${name}: ${noticed} of ${own.length} noticed, ${Math.floor((100 * noticed) / own.length)} %`,
      ...files(own),
    ];
  });
  if (score < MIN_SCORE) failures.push(`tests notice less than ${MIN_SCORE * 100} % of the faults`);
  return { counts: { faults: results.length, '% noticed': Math.floor(score * 100) }, failures, lines };
}

function files(results) {
  const paths = [...new Set(results.map(({ mutant }) => mutant.path))].sort();
  return paths.flatMap((path) => {
    const own = results.filter(({ mutant }) => mutant.path === path);
    const survivors = survivorsOf(own);
    const hung = own.filter(({ outcome }) => outcome === 'timeout').length;
    return [
      `  ${path}: ${own.length - survivors.length - hung} killed, ${survivors.length} survived, ${hung} timeout`,
      ...survivors.toSorted((a, b) => a.start - b.start).map((mutant) => `    ${described(mutant)}`),
    ];
  });
}

function survivorsOf(results) {
  return results.filter(({ outcome }) => outcome === 'survived').map(({ mutant }) => mutant);
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
