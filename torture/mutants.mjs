// Small faults put into a copy of the sources, one at a time: the tests of the module must notice each.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './program.mjs';

/** Sources that are changed, and the tests that must notice. */
const MODULES = [
  {
    sources: ['src/transcript/append.ts', 'src/transcript/late-lines.ts', 'src/sessions/amend'],
    tests: /append|tag|rename|archive|replaced|sidecar|move-kills|title/,
  },
  {
    sources: ['src/sessions/move', 'src/retention/replaced.ts', 'src/retention/replaced-record.ts'],
    tests: /\/move|replaced/,
  },
  { sources: ['src/sessions/fork'], tests: /fork|splice|called-agents/ },
  { sources: ['src/retention'], tests: /retention|prune|keep|limits|hard-links|hostile|unregistered/ },
];
/** A run that takes this much longer than that without a fault hangs, and so was noticed. */
const PATIENCE = 5;
const MIN_PATIENCE_MS = 60_000;
const MAX_MS = 30 * 60_000;

/** One round is one fault. */
export async function torture({ random, rounds, isOver, scratch }) {
  const checkout = join(scratch, 'checkout');
  copyCheckout(checkout);
  const startedMs = Date.now();
  const modules = [];
  const unjudged = [];
  for (const { sources, tests } of MODULES) {
    const files = testsOf(checkout, tests);
    const began = Date.now();
    if (!(await passes(checkout, files, Infinity))) {
      unjudged.push(`without a fault the tests of ${sources.join(', ')} fail`);
      continue;
    }
    const mutants = sources
      .flatMap((source) => sourcesBelow(checkout, source))
      .flatMap((path) => mutantsOf(checkout, path));
    modules.push({ files, mutants, limitMs: Math.max(MIN_PATIENCE_MS, (Date.now() - began) * PATIENCE) });
  }
  const survivors = [];
  let tried = 0;
  while (modules.length > 0 && tried < rounds && !isOver() && Date.now() - startedMs < MAX_MS) {
    const { files, mutants, limitMs } = modules[tried % modules.length];
    if (mutants.length === 0) break;
    const [mutant] = mutants.splice(random.whole(0, mutants.length - 1), 1);
    const path = join(checkout, mutant.path);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, original.slice(0, mutant.start) + mutant.text + original.slice(mutant.end));
    if (await passes(checkout, files, limitMs)) survivors.push(mutant);
    writeFileSync(path, original);
    tried += 1;
  }
  const score = tried === 0 ? 100 : Math.round(((tried - survivors.length) / tried) * 100);
  return {
    counts: { faults: tried, '% noticed': score },
    failures: [...unjudged, ...survivors.map(({ path, line, was, text }) => `${path}:${line}: ${was} → ${text}`)],
  };
}

function copyCheckout(checkout) {
  for (const name of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '')) {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    cpSync(join(root, name), join(checkout, name));
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
}

function sourcesBelow(checkout, source) {
  if (source.endsWith('.ts')) return [source];
  return readdirSync(join(checkout, source), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(source, name));
}

function testsOf(checkout, pattern) {
  const folders = ['test/unit', 'test/integration'].map((folder) => join(checkout, folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => relative(checkout, join(folder, name))),
  );
  return files.filter((name) => name.endsWith('.test.ts') && pattern.test(name));
}

function passes(checkout, files, limitMs) {
  const child = spawn('npx', ['vitest', 'run', '--bail', '1', '--maxWorkers', '1', ...files], {
    cwd: checkout,
    stdio: 'ignore',
    detached: true,
  });
  return new Promise((done) => {
    const timer = limitMs === Infinity ? null : setTimeout(() => process.kill(-child.pid, 'SIGKILL'), limitMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      done(code === 0);
    });
  });
}

const COMPARISONS = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
};

function mutantsOf(checkout, path) {
  const text = readFileSync(join(checkout, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, replacement) => {
    const start = node.getStart(tree);
    found.push({
      path,
      start,
      end: node.getEnd(),
      text: replacement,
      was: text.slice(start, node.getEnd()).slice(0, 60),
      line: tree.getLineAndCharacterOfPosition(start).line + 1,
    });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const replacement = COMPARISONS[node.operatorToken.getText(tree)];
      const joinsText = node.operatorToken.getText(tree) === '+' && /['"`]/.test(node.getText(tree));
      if (replacement !== undefined && !joinsText) add(node.operatorToken, replacement);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      add(node, node.operand.getText(tree));
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (ts.isNumericLiteral(node)) add(node, `(${node.getText(tree)} + 1)`);
    const isDroppable =
      ts.isExpressionStatement(node) ||
      (ts.isReturnStatement(node) && node.expression === undefined) ||
      ts.isThrowStatement(node);
    if (isDroppable && ts.isBlock(node.parent)) add(node, ';');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
