import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/system/time.js';
import { A, B, CONVERSATION, Home, OLD } from '../support/amended.js';

const PROJECT = 'projects/-home-dev-app';

let home: Home;
let outside: string;
beforeEach(() => {
  home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION });
  outside = home.path('outside');
});

const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(outside).map((name) => [name, readFileSync(join(outside, name), 'utf8')]));

describe.each([
  ['project dir', PROJECT],
  ['transcript', `${PROJECT}/${A}.jsonl`],
])('a %s that is a link', (what, place) => {
  beforeEach(() => {
    if (what === 'project dir') {
      renameSync(home.path(PROJECT), outside);
      symlinkSync(outside, home.path(PROJECT));
    } else {
      mkdirSync(outside);
      renameSync(home.path(place), join(outside, `${A}.jsonl`));
      symlinkSync(join(outside, `${A}.jsonl`), home.path(place));
    }
  });

  test.each([
    [['tag', A, 'x']],
    [['rename', A, 'New']],
    [['archive', A]],
    [['pin', A]],
    [['protect', A]],
    [['protect', A, '-n']],
  ])('is not written to by %j', async (argv) => {
    expect(await home.run(argv)).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^ccsess: session ${A} .*: ${home.path(place)} is a link, and links are not followed there\\.\n$`),
      ) as string,
      exitCode: 1,
    });
    expect(contents()).toEqual({ [`${A}.jsonl`]: CONVERSATION });
    expect(statSync(join(outside, `${A}.jsonl`)).mtime).toEqual(OLD);
  });

  test('keeps its times if it is pinned anyway, and the other pins are renewed', async () => {
    home.put(`projects/-home-dev-other/${B}.jsonl`, CONVERSATION);
    for (const id of [A, B]) home.put(`${id === A ? PROJECT : 'projects/-home-dev-other'}/${id}/pinned.json`, '{}');
    const { stdout, stderr, exitCode } = await home.run(['protect', '--pinned'], { now: OLD.getTime() + 25 * DAY_MS });
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: `${B}\n`,
      stderr:
        `ccsess: session ${A} could not be protected: ${home.path(place)} is a link, ` +
        'and links are not followed there.\n',
      exitCode: 3,
    });
    expect(statSync(join(outside, `${A}.jsonl`)).mtime).toEqual(OLD);
    expect(home.stat(`projects/-home-dev-other/${B}.jsonl`).mtime).not.toEqual(OLD);
  });

  test('is read anyway', async () => {
    expect((await home.run(['list', '--json'])).stdout).toContain(A);
  });
});

test('a second name of a project dir does not keep its sessions from being changed', async () => {
  symlinkSync(home.path(PROJECT), home.path('projects/-home-dev-other'));
  for (const argv of [
    ['tag', A, 'x'],
    ['rename', A, 'New'],
    ['archive', A],
    ['pin', A],
  ])
    expect(await home.run(argv)).toMatchObject({ stderr: '', exitCode: 0 });
  expect(JSON.parse((await home.run(['list', '--json', '--archived'])).stdout)).toMatchObject([
    { title: 'New', tag: 'x', archived: true, pinned: true },
  ]);
});
