import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

it('docs/json.md says what every code of a problem means', () => {
  const [, union = ''] = /type ProblemCode =([^;]*);/.exec(read('src/system/problem.ts')) ?? [];
  const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code]) => code);
  const [, table = ''] = /\| problem code \|[^\n]*\n([\s\S]*?)\n\n/.exec(read('docs/json.md')) ?? [];
  const documented = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, code]) => code),
  );
  expect(documented.sort()).toEqual(codes.sort());
});
