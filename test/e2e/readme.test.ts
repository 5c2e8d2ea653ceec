import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ccsess, root } from '../support/built.js';
import { makeHome } from './sample-home.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
const examples = blocks
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line.startsWith('ccsess '));

describe('README', () => {
  it('starts with the two commands that set it up, which .ci/run runs as well', () => {
    const setUp = ['npm install && npm link --ignore-scripts && ccsess list', 'npm install && npm test'];
    expect(
      blocks.flatMap((block) => block.trim().split('\n')).filter((line) => line.startsWith('npm install &&')),
    ).toEqual(setUp);
    const ci = readFileSync(join(root, '.ci/run'), 'utf8');
    for (const command of ['npm ci', 'npm link --ignore-scripts', 'ccsess list', 'npm test'])
      expect(ci).toMatch(new RegExp(`^(.*\\s)?${command}( |$)`, 'm'));
  });

  it.each(examples)('%s: its command and its flags exist', async (example) => {
    // Arguments after ` -- ` are for claude.
    const own = example
      .split(/ \| | > | -- /)[0]!
      .replaceAll(/'[^']*'|"[^"]*"/g, 'x')
      .split(/\s+/)
      .slice(1);
    const command = own.filter((word) => /^[a-z]+$/.test(word)).slice(0, own[0] === 'index' ? 2 : 1);
    const help = (await ccsess([...command, '--help'], { home: makeHome() })).stdout;
    const known = new Set(help.match(/(?<![\w-])--?[A-Za-z][\w-]*/g));
    expect(help).toContain(`ccsess ${command.join(' ')}`);
    expect(own.filter((word) => word.startsWith('-') && !known.has(word.replace(/=.*$/, '')))).toEqual([]);
  });

  it('names every command', async () => {
    const help = (await ccsess(['--help'], { home: makeHome() })).stdout;
    const commands = [...help.split(/^Options:/m)[0]!.matchAll(/^ {2}([a-z]+)\S* {2,}/gm)].map(([, name]) => name);
    expect(commands).toContain('list');
    expect(commands.filter((name) => !readme.includes(`ccsess ${name}`))).toEqual([]);
  });

  it('links only to existing files', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !readFileSync(join(root, target)).length)).toEqual([]);
  });
});
