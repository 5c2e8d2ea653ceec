import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-table.js';
import { commandWording } from '../../src/cli/shared/wording.js';
import * as library from '../../src/index.js';

const src = resolve(import.meta.dirname, '../../src');
/** Modules that hold command lines of Claude Code or git: to run them, or to recognise them. */
const FOREIGN_COMMAND_LINES = ['claude/launch.ts', 'claude/live/claude-process.ts', 'system/git/worktrees.ts'];
/** Commands whose function the library does not have. */
const COMMANDS_ALONE = ['session.checkpoints'];
const FLAG = /(?:^|[\s("'`])--[a-z]/;
const COMMAND_LINE = new RegExp(`\\bccsess (?:${COMMANDS.map(({ name }) => name).join('|')})\\b`);

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('cli/') && !path.includes('assembly'))
  .map((path) => ({
    path: relative(src, join(src, path)),
    tree: ts.createSourceFile(path, readFileSync(join(src, path), 'utf8'), ts.ScriptTarget.Latest, true),
  }));

describe('texts below cli/', () => {
  it('name neither flags nor commands of ccsess', () => {
    const found = files
      .filter(({ path }) => !FOREIGN_COMMAND_LINES.includes(path))
      .flatMap(({ path, tree }) => textsOf(tree).map((text) => ({ path, text })))
      .filter(({ text }) => FLAG.test(text) || COMMAND_LINE.test(text));
    expect(found).toEqual([]);
  });

  it('are found by these rules', () => {
    for (const text of ['--older-than 30d: not an age.', 'a trash: --trash-dir <folder>']) expect(text).toMatch(FLAG);
    for (const text of ['then run ccsess recover', 'ccsess trash list']) expect(text).toMatch(COMMAND_LINE);
    expect('another ccsess (pid 3) is making changes here').not.toMatch(COMMAND_LINE);
  });

  it('name functions of the library only, each with its command', () => {
    const names = [...new Set(files.flatMap(({ tree }) => calledNames(tree)))].sort();
    expect(names).toContain('listTrash');
    for (const name of names.filter((each) => !COMMANDS_ALONE.includes(each))) {
      const method = /^session\.(\w+)$/.exec(name)?.[1];
      expect(
        method === undefined ? Object.keys(library) : Object.getOwnPropertyNames(library.Session.prototype),
      ).toContain(method ?? name);
      const line = commandWording('ccsess').call({ call: name, args: [], options: {}, session: null });
      expect(line).toMatch(COMMAND_LINE);
    }
  });
});

/** Every text in a file: strings, and the fixed parts of templates. */
function textsOf(tree: ts.SourceFile): string[] {
  return nodesOf(tree).flatMap((node) =>
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
      ? [node.text]
      : [],
  );
}

/** Names of the calls that phrases of a file hold. */
function calledNames(tree: ts.SourceFile): string[] {
  return nodesOf(tree).flatMap((node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return [];
    const [name] = node.arguments;
    if (name === undefined || !ts.isStringLiteral(name)) return [];
    if (node.expression.text === 'call') return [name.text];
    return node.expression.text === 'sessionCall' ? [`session.${name.text}`] : [];
  });
}

function nodesOf(node: ts.Node): ts.Node[] {
  const nodes = [node];
  ts.forEachChild(node, (child) => void nodes.push(...nodesOf(child)));
  return nodes;
}
