import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { sourceStack } from '../../../src/cli/terminal/source-stack.js';
import { temporaryFolder } from '../../support/temporary.js';

const SOURCE = `function failing(): never {
  throw new Error('no');
}
export const run = (): never => failing();
`;

function built(sourcemap: boolean, folder = ''): string {
  const outfile = join(temporaryFolder('stack'), folder, 'main.cjs');
  buildSync({
    stdin: { contents: SOURCE, loader: 'ts', sourcefile: 'failing.ts' },
    outfile,
    format: 'cjs',
    minify: true,
    sourcemap,
  });
  return outfile;
}

function stackOf(program: string): string {
  const { run } = createRequire(import.meta.url)(program) as { run: () => never };
  try {
    return run();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
}

test.each(['dist', 'Program Files (x86)+/dist'])('a stack shows positions in the sources, in a folder %s', (folder) => {
  const program = built(true, folder);
  const [, first, second] = sourceStack(stackOf(program), dirname(program)).split('\n');
  expect(first).toMatch(/failing\.ts:2:9\)?$/);
  expect(second).toMatch(/failing\.ts:4:33\)?$/);
});

test('a stack without a source map, or of files in another folder, stays unchanged', () => {
  const [unmapped, program] = [built(false), built(true)];
  const stack = stackOf(unmapped);
  expect(sourceStack(stack, dirname(unmapped))).toBe(stack);
  const mapped = stackOf(program);
  expect(sourceStack(mapped, dirname(unmapped))).toBe(mapped);
});
