import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';
import { requireBuild, root } from '../support/built.js';
import { openClaudeLab, whyNoClaude } from '../support/claude-lab.js';
import { writeSession } from '../support/sessions.js';
import { temporaryFolder } from '../support/temporary.js';

it('importing the library registers no listeners, reads and writes no files, and lets the process exit', () => {
  requireBuild();
  const script = `
    const fs = require('node:fs');
    const touched = [];
    for (const [name, original] of Object.entries(fs)) {
      if (typeof original !== 'function') continue;
      if (!/^(open|read|write|stat|lstat|access|exists|mkdir|opendir)/.test(name)) continue;
      fs[name] = (...args) => { touched.push(name + ' ' + String(args[0])); return original.apply(fs, args); };
    }
    require('node:module').syncBuiltinESMExports();
    const listenersOf = (emitter) => emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]);
    const listeners = () => [process, process.stdin, process.stdout].map(listenersOf);
    const before = JSON.stringify(listeners());
    import(${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)}).then((library) => {
      // Node itself reads the modules, which does not count.
      const own = touched.filter((what) => !what.includes('/dist/') && !/package.json$/.test(what));
      const sameListeners = JSON.stringify(listeners()) === before;
      fs.writeSync(1, JSON.stringify({ exports: Object.keys(library).length > 0, touched: own, sameListeners }));
    });`;
  const run = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 300_000 });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toEqual({ exports: true, touched: [], sameListeners: true });
});

/** Returns a folder in which `import 'ccsess'` resolves to this checkout. */
function folderWithPackage(folder: string): string {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/ccsess'));
  return folder;
}

const reason = whyNoClaude();

it.skipIf(reason !== null)('a program that uses only the library works with the real Claude Code', async () => {
  requireBuild();
  const lab = await openClaudeLab();
  try {
    copyFileSync(join(root, 'test/e2e/library-program.mjs'), join(folderWithPackage(lab.work), 'program.mjs'));
    const { code, stdout, stderr } = await lab.run(['program.mjs'], { program: process.execPath });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      answers: ['done', 'done'],
      listed: [{ mine: true, title: 'From a program', turns: 1 }],
      messages: expect.arrayContaining([
        { kind: 'prompt', prompt: 1, text: 'Say hello' },
        { kind: 'answer', prompt: 1, text: 'done' },
      ]) as unknown,
      fork: { of: true, exists: true, turns: 2 },
    });
  } finally {
    await lab.close();
  }
});

/** The programs in docs/examples. */
const programs = readdirSync(join(root, 'docs/examples')).map((name) => ({
  name,
  code: readFileSync(join(root, 'docs/examples', name), 'utf8'),
}));
const examples = [...readFileSync(join(root, 'docs/library.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
  ([, code = '']) => code,
);

function javaScript(code: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

it('the examples of docs/library.md run, one after the other', () => {
  requireBuild();
  const folder = folderWithPackage(temporaryFolder('examples'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'], HOME: folder };
  for (const [at, code] of examples.entries()) {
    writeFileSync(join(folder, `${at}.mjs`), javaScript(code));
    const { status, stderr } = spawnSync(process.execPath, [`${at}.mjs`], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 300_000,
    });
    expect({ code, status, stderr }).toEqual({ code, status: 0, stderr: '' });
  }
});

const noPython = spawnSync('python3', ['--version']).status !== 0;
if (noPython) process.stderr.write('\n!! NOT TESTED from Python: python3 is not installed\n\n');

it.skipIf(noPython)('the recipe for Python in docs/library.md runs, and raises the error of a command', () => {
  requireBuild();
  const folder = temporaryFolder('python');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [, recipe = ''] = /^```python\n([\s\S]*?)^```/m.exec(readFileSync(join(root, 'docs/library.md'), 'utf8')) ?? [];
  symlinkSync(join(root, 'bin/ccsess.js'), join(folder, 'ccsess'));
  writeFileSync(join(folder, 'recipe.py'), recipe);
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder };
  const { status, stdout, stderr } = spawnSync('python3', ['recipe.py'], { cwd: folder, env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^[\da-f-]{36} Rate limiter 0 \S+\nNOT_FOUND: .* trash/);
});

it('the programs of docs/examples run', () => {
  requireBuild();
  const folder = folderWithPackage(temporaryFolder('examples'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'], HOME: folder };
  writeSession(join(folder, '.claude'), { id: 'a1', days: 1, title: 'Rate limiter' });
  for (const { name, code } of programs) {
    const file = name.replace(/ts$/, 'mjs');
    writeFileSync(join(folder, file), javaScript(code));
    const { status, stderr } = spawnSync(process.execPath, [file], { cwd: folder, env, encoding: 'utf8' });
    expect({ name, status, stderr: name === 'cost-export.ts' ? '' : stderr }).toEqual({ name, status: 0, stderr: '' });
  }
});

it('the examples of docs have the types they need', () => {
  const folder = folderWithPackage(temporaryFolder('examples'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = [...examples, ...programs.map(({ code }) => code)].map((code, at) => {
    const file = join(folder, `${at}.mts`);
    writeFileSync(file, code);
    return file;
  });
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    noPropertyAccessFromIndexSignature: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  });
  expect(
    ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  ).toEqual([]);
});
