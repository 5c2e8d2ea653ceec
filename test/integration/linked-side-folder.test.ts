import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { A, CONVERSATION, Home } from '../support/amended.js';

const SIDE = `projects/-home-dev-app/${A}`;
const FILES = { 'custom-title.json': '{"customTitle":"x"}', 'archived.json': '{}', 'pinned.json': '{}', note: 'keep' };
const OTHER = 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21';

let home: Home;
let outside: string;
beforeEach(() => {
  home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION });
  outside = home.path('outside');
  mkdirSync(outside);
  symlinkSync(outside, home.path(SIDE));
});

const found = (): Record<string, string> =>
  Object.fromEntries(readdirSync(outside).map((name) => [name, readFileSync(join(outside, name), 'utf8')]));

test.each([[['archive', A]], [['rename', A, 'New']], [['rename', A, '--clear']], [['pin', A]]])(
  '%j writes nothing through a side folder that is a link, and says so',
  async (argv) => {
    // Without a title of its own there is nothing for --clear to do.
    if (argv.includes('--clear'))
      home.put(`${SIDE}.jsonl`, `${CONVERSATION}{"type":"custom-title","customTitle":"x","sessionId":"${A}"}\n`);
    for (const files of [{}, FILES] as Record<string, string>[]) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(outside, name), text);
      const before = home.read(`${SIDE}.jsonl`);
      expect(await home.run(argv)).toMatchObject({
        stdout: '',
        stderr: expect.stringContaining(`${home.path(SIDE)} is a link, and links are not followed there`) as string,
        exitCode: 1,
      });
      expect([found(), home.read(`${SIDE}.jsonl`)]).toEqual([files, before]);
    }
  },
);

test('unarchive and unpin remove nothing behind the link', async () => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(outside, name), text);
  for (const command of ['unarchive', 'unpin']) await home.run([command, A]);
  expect(found()).toEqual(FILES);
});

test('create makes no session whose side folder is a link', async () => {
  const cwd = home.path('work');
  mkdirSync(cwd);
  const projectDir = cwd.replaceAll(/[^A-Za-z0-9]/g, '-');
  mkdirSync(home.path(`projects/${projectDir}`));
  symlinkSync(outside, home.path(`projects/${projectDir}/${OTHER}`));
  const { stderr, exitCode } = await home.run(['create', '--id', OTHER, '--title', 'T', '--cwd', cwd]);
  expect([stderr, exitCode]).toEqual([expect.stringContaining('is a link, and links are not followed there'), 1]);
  expect([found(), home.read(`projects/${projectDir}/${OTHER}.jsonl`)]).toEqual([{}, null]);
});
