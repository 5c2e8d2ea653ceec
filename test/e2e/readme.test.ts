import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, ccsess, requireBuild, root } from '../support/built.js';
import { makeHome, writeSessions } from './sample-home.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
const examples = blocks
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line.startsWith('ccsess '));

/** Lines that are not run here, and why. */
const NOT_RUN: readonly (readonly [line: RegExp, why: string])[] = [
  [/^npm install/, 'needs the network; .ci/run does the same in a clean clone'],
  [/^ccsess .*--follow/, 'runs until Ctrl-C'],
  [/\bccsess pick\b|^ccsess rm$/, 'the picker needs a terminal'],
];
/** Commands that ask for confirmation; the test adds `--yes`. */
const ASKS = /^ccsess (?:prune(?!.* -n)|rm|trash empty|move(?!.* -n))/;

const HOUR = 60 * 60 * 1000;
const SHORT_IDS = ['3f2a91c0', '9be01d77', '71c0aa3e', 'e2b94f06', '0d6f1b88'];

/** Creates a home with everything that README mentions, and a `claude` that does nothing. */
function readmeHome(): string {
  const home = makeHome();
  const folder = join(home, 'code/app');
  for (const path of [folder, join(home, 'work/app')]) mkdirSync(path, { recursive: true });
  writeSessions(
    home,
    SHORT_IDS.map((start, at) => ({
      id: `${start}-7d1e-4f6a-9b57-2c4e8a1d0f33`,
      prompt: at === 0 ? 'The login loop in the journal' : `Prompt ${at}`,
      at: new Date(Date.now() - (at * 24 + 1) * HOUR).toISOString(),
      cwd: folder,
      ...(at === 0 ? { title: 'Journal' } : {}),
    })),
  );
  addPrompts(home, `${SHORT_IDS[0] ?? ''}-7d1e-4f6a-9b57-2c4e8a1d0f33`, folder, 12);
  mkdirSync(join(home, 'bin'));
  const programs = {
    ccsess: `exec "${process.execPath}" "${bin}" "$@"`,
    claude: `echo '{"type":"result","is_error":false,"result":"one, two, three"}'`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  return home;
}

/** Adds prompts with answers and a checkpoint each to a sample session, up to `count` prompts. */
function addPrompts(home: string, id: string, cwd: string, count: number): void {
  const path = join(home, '.claude/projects', cwd.replaceAll(/[^A-Za-z0-9]/g, '-'), `${id}.jsonl`);
  const about = { sessionId: id, cwd, version: '2.1.330', entrypoint: 'cli', userType: 'external', isSidechain: false };
  const timestamp = new Date(Date.now() - HOUR).toISOString();
  let parentUuid = `${id.slice(0, 35)}2`;
  for (let number = 2; number <= count; number++) {
    const uuids = ['1', '2'].map((kind) => `0000000${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`);
    const [asked = '', answered = ''] = uuids;
    const snapshot = { messageId: asked, trackedFileBackups: {}, timestamp };
    const entries = [
      { type: 'file-history-snapshot', messageId: asked, snapshot, isSnapshotUpdate: false },
      {
        type: 'user',
        uuid: asked,
        parentUuid,
        timestamp,
        ...about,
        message: { role: 'user', content: `Step ${number}` },
      },
      {
        type: 'assistant',
        uuid: answered,
        parentUuid: asked,
        timestamp,
        ...about,
        message: {
          id: `msg_${number}`,
          role: 'assistant',
          model: 'claude-opus-5-5',
          content: [{ type: 'text', text: 'Yes.' }],
        },
      },
    ];
    appendFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    parentUuid = answered;
  }
}

/** Runs the lines of a block one after the other in one shell, and returns each with its exit code and stderr. */
function runBlock(block: string): { line: string; code: number; stderr: string }[] {
  requireBuild();
  const home = readmeHome();
  const lines = block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !NOT_RUN.some(([pattern]) => pattern.test(line)));
  const script = lines
    .map((line) => (ASKS.test(line) ? `${line} --yes` : line))
    .map((line, at) => `{ ${line}\n} >>"$HOME/out" 2>"$HOME/err${at}"; echo $? >"$HOME/code${at}"`);
  spawnSync('bash', ['-o', 'pipefail', '-c', script.join('\n')], {
    cwd: join(home, 'code/app'),
    env: { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: home, TZ: 'UTC' },
    stdio: 'ignore',
  });
  return lines.map((line, at) => ({
    line,
    code: Number(readFileSync(join(home, `code${at}`), 'utf8')),
    stderr: readFileSync(join(home, `err${at}`), 'utf8'),
  }));
}

describe('README', () => {
  it('starts with the two commands that install it, which .ci/run runs as well', () => {
    const setUp = ['npm install && npm link --ignore-scripts && ccsess list', 'npm install && npm test'];
    expect(
      blocks.flatMap((block) => block.trim().split('\n')).filter((line) => line.startsWith('npm install &&')),
    ).toEqual(setUp);
    const ci = readFileSync(join(root, '.ci/run'), 'utf8');
    for (const command of ['npm ci', 'npm link --ignore-scripts', 'ccsess list', 'npm test'])
      expect(ci).toMatch(new RegExp(`^(.*\\s)?${command}( |$)`, 'm'));
  });

  it.each(blocks.map((block) => [block.split('\n')[0] ?? '', block]))('the block of %s runs', (_, block) => {
    expect(runBlock(block).filter(({ code }) => code !== 0)).toEqual([]);
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

  it('links only to existing files and headings', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !readFileSync(join(root, target)).length)).toEqual([]);
    const anchors = new Set(
      [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^a-z -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const named = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  it('shows the current output of list in docs/terminal.svg', () => {
    requireBuild();
    const drawn = join(makeHome(), 'terminal.svg');
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/picture.mjs'), drawn], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(drawn, 'utf8')).toBe(readFileSync(join(root, 'docs/terminal.svg'), 'utf8'));
  });
});
