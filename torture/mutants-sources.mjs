// Small faults to put into a source, and marks in it that record which of its functions a test runs.
import ts from 'typescript';

const OPERATORS = {
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

/**
 * The faults of a source, in file order: comparison boundaries, negated conditions, boolean and numeric constants,
 * `&&` for `||`, and dropped statements. `reach` is the function that contains the fault, as `marked` names it.
 */
export function mutantsOf(path, text) {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, replacement) => {
    const start = node.getStart(tree);
    const { line } = tree.getLineAndCharacterOfPosition(start);
    found.push({
      path,
      start,
      end: node.getEnd(),
      text: replacement,
      was: text.slice(start, node.getEnd()),
      line: line + 1,
      source: text.split('\n')[line].trim(),
      reach: reachOf(path, node),
    });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(tree);
      const joinsText = operator === '+' && /['"`]/.test(node.getText(tree));
      if (Object.hasOwn(OPERATORS, operator) && !joinsText) add(node.operatorToken, OPERATORS[operator]);
    }
    if (isNegation(node)) add(node, `(${node.operand.getText(tree)})`);
    if (ts.isIfStatement(node)) negate(node.expression);
    if (ts.isConditionalExpression(node)) negate(node.condition);
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (ts.isNumericLiteral(node)) add(node, `(${node.getText(tree)} + 1)`);
    if (isDroppable(node)) add(node, ';');
    ts.forEachChild(node, visit);
  };
  // A negation or an operator from the list at the top of a condition is changed there already.
  const negate = (condition) => {
    const isChanged =
      isNegation(condition) ||
      (ts.isBinaryExpression(condition) && Object.hasOwn(OPERATORS, condition.operatorToken.getText(tree)));
    if (!isChanged) add(condition, `!(${condition.getText(tree)})`);
  };
  visit(tree);
  return found;
}

/** The source with a mark at the start of each function and at its own end, which records that a test ran it. */
export function marked(path, text) {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const marks = [];
  const visit = (node) => {
    if (isBody(node)) marks.push(node.getStart(tree) + 1);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  let result = text;
  for (const at of marks.reverse()) result = `${result.slice(0, at)}${mark(`${path}:${at - 1}`)}${result.slice(at)}`;
  return `${result}\n${mark(path)}\n`;
}

/**
 * A statement that writes the name of the current test and of a function to the file CCSESS_REACHED, once per test. It
 * uses the real `node:fs`, even if a test has replaced that module.
 */
function mark(name) {
  const seen = '(globalThis.ccsessReached ??= new Set())';
  const fs = "process.getBuiltinModule('node:fs')";
  const line = `\`\${JSON.stringify([globalThis.ccsessTest ?? null, ${JSON.stringify(name)}])}\\n\``;
  const note = `${fs}.appendFileSync(process.env.CCSESS_REACHED, ${line}); ${seen}.add(${JSON.stringify(name)});`;
  // The write may fail: a test may use up all file descriptors, or change the user.
  return `if (!${seen}.has(${JSON.stringify(name)})) try { ${note} } catch {}`;
}

/** The set-up file of all tests with a hook that names the current test to the marks, for Vitest's name pattern. */
export function markedSetup(text) {
  return `${text}
import { beforeEach as beforeEachTest } from 'vitest';
const nameOf = (task: any): string => (task.suite === undefined ? '' : nameOf(task.suite) + ' ') + task.name;
beforeEachTest(({ task }) => void Object.assign(globalThis, { ccsessTest: nameOf(task), ccsessReached: new Set() }));
`;
}

/** The innermost function whose body contains the node; the file for code outside of functions. */
function reachOf(path, node) {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent)
    if (isBody(outer)) return `${path}:${outer.getStart()}`;
  return path;
}

function isBody(node) {
  return ts.isBlock(node) && node.parent !== undefined && ts.isFunctionLike(node.parent);
}

function isNegation(node) {
  return ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken;
}

function isDroppable(node) {
  const isAct =
    ts.isExpressionStatement(node) ||
    ts.isThrowStatement(node) ||
    (ts.isReturnStatement(node) && node.expression === undefined);
  return isAct && (ts.isBlock(node.parent) || ts.isIfStatement(node.parent) || ts.isForOfStatement(node.parent));
}
