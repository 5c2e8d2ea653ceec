import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ToolResults } from '../../../src/sessions/fork/tool-results.js';
import { temporaryFolder } from '../../support/temporary.js';
import { addFile } from '../../support/transcripts.js';

/** The tool results of a parent with one file, and the fork's folder. */
function resultsOf(): { results: ToolResults; staged: string } {
  const projects = temporaryFolder('projects');
  addFile(projects, '-a/parent/tool-results/b1.txt', 'output');
  const staged = join(projects, '-a/.fork');
  const parentFolder = join(projects, '-a/parent');
  const paths = { projects, parentId: 'parent', parentFolder, folder: '/fork', staged };
  return { results: new ToolResults(paths), staged };
}

test('output at a recorded path is copied, even if the project dir is another one by now', () => {
  const { results, staged } = resultsOf();
  expect(results.copyRecorded('/home/me/projects/-old/parent/tool-results/b1.txt')).toBe('/fork/tool-results/b1.txt');
  expect(readFileSync(join(staged, 'tool-results/b1.txt'), 'utf8')).toBe('output');
});

test.each([
  '/home/me/projects/../parent/tool-results/b1.txt',
  '/home/me/projects/-a/../tool-results/b1.txt',
  '/home/me/projects/-a/parent/tool-results/..',
])('no output is looked for at %s, which leads to another folder', (recorded) => {
  const { results, staged } = resultsOf();
  expect(results.copyRecorded(recorded)).toBeNull();
  expect(() => readdirSync(staged)).toThrow('ENOENT');
});
