import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { writeTitleSidecar } from '../../../src/claude/write-sidecars.js';
import { writeSidecarOf } from '../../../src/sessions/amend/sidecar.js';
import { A, CONVERSATION, Home } from '../../support/amended.js';

const OLD = `projects/-home-dev-app/${A}`;
const NEW = `projects/-home-dev-new/${A}`;
const TITLE = '{"customTitle":"New","by":"user","at":"1970-01-01T00:00:00.000Z"}';

/** Writes a title, and calls `then` right before it is written. */
function title(then: (home: Home) => void, before: (home: Home) => void = () => {}): Home {
  const home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION });
  before(home);
  let writes = 0;
  const file = { id: A, path: home.path(`${OLD}.jsonl`), configDir: home.configDir };
  writeSidecarOf(file, 'custom-title.json', (transcript) => {
    if (writes++ === 0) then(home);
    writeTitleSidecar(transcript, { title: 'New', by: 'user', atMs: 0 });
  });
  return home;
}

const move = (home: Home): void => {
  mkdirSync(dirname(home.path(NEW)), { recursive: true });
  for (const end of ['.jsonl', ''])
    if (existsSync(home.path(OLD + end))) renameSync(home.path(OLD + end), home.path(NEW + end));
};

test('a sidecar follows a session that is moved just before, and leaves no side folder at the old path', () => {
  const home = title(move);
  expect([home.read(`${NEW}/custom-title.json`), existsSync(home.path(OLD))]).toEqual([TITLE, false]);
});

test('a sidecar follows three moves of a session, and no fourth one', () => {
  const home = new Home({ [`-home-dev-0/${A}`]: CONVERSATION });
  const pathAt = (project: number): string => home.path(`projects/-home-dev-${project}/${A}.jsonl`);
  const written: string[] = [];
  writeSidecarOf({ id: A, path: pathAt(0), configDir: home.configDir }, 'custom-title.json', ({ path }) => {
    const next = pathAt(written.push(path));
    mkdirSync(dirname(next));
    renameSync(path, next);
  });
  expect(written).toEqual([0, 1, 2, 3].map(pathAt));
});

test('a side folder with other content stays', () => {
  const home = title((at) => (move(at), mkdirSync(at.path(OLD)), writeFileSync(at.path(`${OLD}/other`), '')));
  expect([home.read(`${OLD}/other`), home.read(`${OLD}/custom-title.json`)]).toEqual(['', null]);
});

test('nothing is written for a session that is removed', () => {
  const home = title((at) => rmSync(at.path(`${OLD}.jsonl`)));
  expect([existsSync(home.path(OLD)), existsSync(home.path(NEW))]).toEqual([false, false]);
});

test('an error that was not caused by a move is passed on', () => {
  expect(() => title((at) => writeFileSync(at.path(OLD), ''))).toThrow('is not a folder');
});
