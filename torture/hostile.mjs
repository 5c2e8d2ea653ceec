// Config dirs as somebody who knows the code would make them: nothing outside them changes, nothing hangs.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ccsess } from './program.mjs';
import { makeHome, projectKey, sessionId, writePrivate, writeSession } from './sessions.mjs';
import { differences, snapshot } from './snapshot.mjs';

const IDS = [1, 2, 3].map(sessionId);
const SECONDS = '60';

/** Paths below the config dir at which the wrong thing may be put. */
const POSITIONS = [
  'projects',
  'projects/P',
  'projects/P/ID.jsonl',
  'projects/P/ID',
  'projects/P/ID/subagents',
  'projects/P/ID/tool-results',
  'projects/P/ID/custom-title.json',
  'projects/P/ID/archived.json',
  'projects/P/ID/pinned.json',
  'projects/P/memory',
  'projects/N',
  'projects/N/ID.jsonl',
  'projects/N/ID',
  'file-history',
  'file-history/ID',
  'tasks/ID',
  'todos',
  'session-env/ID',
  'sessions',
  'sessions/1.json',
  'settings.json',
  '.ccsess',
  '.ccsess/lock',
  '.ccsess/lock.takeover',
  '.ccsess/move.journal',
  '.ccsess/restored',
  '.ccsess/restored/ID.json',
  '.ccsess/replaced',
  '.ccsess/replaced/0123456789abcdef.json',
  '.ccsess/replaced/0123456789abcdef.jsonl',
  '.ccsess/trash',
];
const COMMANDS = [
  ['list', '--json'],
  ['show', IDS[0]],
  ['stats'],
  ['rename', IDS[0], 'New'],
  ['tag', IDS[0], 'new'],
  ['archive', IDS[0]],
  ['pin', IDS[0]],
  ['unpin', IDS[0]],
  ['fork', IDS[0]],
  ['create', '--cwd', 'a'],
  ['move', 'a', 'b', '--yes'],
  ['prune', '--older-than', '1d', '--orphans', '--yes'],
  ['restore', '@last-prune'],
  ['rm', IDS[1], '--yes'],
  ['restore', IDS[1]],
  ['rm', IDS[2], '--permanent', '--yes'],
  ['trash', 'empty', '--yes'],
  ['recover'],
];

/** One round is one config dir. */
export async function torture({ random, rounds, isOver, scratch }) {
  const failures = [];
  let made = 0;
  for (; made < rounds && !isOver(); made++) {
    const home = makeHome(scratch, 'home', ['a', 'b']);
    const outside = join(scratch, 'outside');
    writeOutside(outside);
    for (let n = 1; n <= IDS.length; n++) writeSession(home, 'a', n, { results: true, rest: true, random });
    if (random.chance(0.5)) await ccsess(['prune', '--older-than', '1d', '--yes'], { home });
    const plants = plant({ home, outside, random });
    let before = snapshot(outside);
    for (const args of shuffled(COMMANDS, random)) {
      const run = await ccsess(args, { home, before: ['timeout', '-s', 'KILL', SECONDS] });
      const isWrong = run.signal !== null || run.code === 137 || /internal error|a defect of ccsess/.test(run.stderr);
      if (isWrong)
        failures.push(`${args.join(' ')} with ${plants.join(', ')}: ${run.code === 137 ? 'hung' : run.stderr.trim()}`);
      const after = snapshot(outside);
      const changed = differences(before, after).filter((text) => !mayBeNew(args, text));
      before = after;
      if (changed.length === 0) continue;
      failures.push(...changed.map((text) => `${args.join(' ')} with ${plants.join(', ')}, outside: ${text}`));
      break;
    }
    rmSync(home, { recursive: true, force: true });
  }
  return { counts: { 'config dirs': made }, failures };
}

/** `create` and `fork` make new sessions in linked project dirs, too (docs/security.md). */
function mayBeNew([command], difference) {
  return /^(?:create|fork)$/.test(command) && /^[-0-9a-f]{36}(?:\.jsonl|\/.*)?: missing → /.test(difference);
}

function writeOutside(outside) {
  rmSync(outside, { recursive: true, force: true });
  for (const id of IDS) {
    writePrivate(join(outside, `${id}.jsonl`), '{"type":"user"}\n');
    for (const name of [id, 'subagents', 'tool-results']) writePrivate(join(outside, name, 'keep'), 'keep');
  }
  for (const name of ['lock', 'keep.json', 'custom-title.json', 'archived.json', 'pinned.json'])
    writePrivate(join(outside, name), '{}');
}

function plant({ home, outside, random }) {
  const claude = join(home, '.claude');
  return Array.from({ length: random.whole(1, 3) }, () => {
    if (random.chance(0.3)) return forgeRecord({ claude, outside, random });
    const position = random.pick(POSITIONS);
    const names = { P: projectKey(join(home, 'a')), N: projectKey(join(home, 'b')), ID: random.pick(IDS) };
    const path = join(
      claude,
      position.replace(/\b(?:P|N|ID)\b/g, (name) => names[name]),
    );
    const kinds = {
      'link to a folder': () => symlinkSync(outside, path),
      'link to a file': () => symlinkSync(join(outside, `${IDS[0]}.jsonl`), path),
      'link to nothing': () => symlinkSync(join(outside, 'new'), path),
      'link to itself': () => symlinkSync(path, path),
      pipe: () => execFileSync('mkfifo', [path]),
      folder: () => mkdirSync(join(path, 'in'), { recursive: true }),
      file: () => writeFileSync(path, '{"type":"user"'),
    };
    const kind = random.pick(Object.keys(kinds));
    try {
      mkdirSync(dirname(path), { recursive: true });
      if (realFolderLeavesHome(dirname(path), claude)) return 'nothing';
      rmSync(path, { recursive: true, force: true });
      kinds[kind]();
    } catch {
      return `${position} could not be made`;
    }
    return `${position}: ${kind}`;
  });
}

/** A plant made before may already lead outside; what is planted must not write there itself. */
function realFolderLeavesHome(folder, claude) {
  for (let at = folder; at.length > claude.length; at = dirname(at)) if (lstatSync(at).isSymbolicLink()) return true;
  return false;
}

/** Writes a forged record in `.ccsess` that names paths outside the config dir. */
function forgeRecord({ claude, outside, random }) {
  const up = '../'.repeat(random.whole(1, 8)) + outside.slice(1);
  const target = random.pick([outside, up, '..', '.', '', `projects/../../${outside}`, 'a\u0000b']);
  // Something else may have been planted there before.
  const trash = join(claude, '.ccsess/trash');
  const hasTrash = existsSync(trash) && lstatSync(trash).isDirectory();
  const manifests = hasTrash ? filesBelow(trash).filter((path) => /manifest|\.jsonl?$/.test(path)) : [];
  const step = { id: IDS[0], from: target, to: 'x', cwd: '/', size: 1, mtimeMs: 1, agents: [target] };
  const lies = {
    journal: () =>
      writePrivate(
        join(claude, '.ccsess/move.journal'),
        JSON.stringify({
          version: 1,
          sessions: [step],
          memory: [{ from: 'x', to: target }],
          readers: [{ id: IDS[0], projectDir: target }],
        }),
      ),
    replaced: () => {
      const kept = join(claude, '.ccsess/replaced/0123456789abcdef');
      const record = {
        version: 1,
        path: [target, `${IDS[0]}.jsonl`],
        copied: { lines: 0, bytes: 0, size: 0 },
        results: [],
        at: new Date(0).toISOString(),
      };
      writePrivate(`${kept}.json`, JSON.stringify(record));
      writePrivate(`${kept}.jsonl`, '{"type":"user"}\n');
    },
    lock: () =>
      writePrivate(
        join(claude, '.ccsess/lock'),
        JSON.stringify({
          pid: 2 ** 30,
          startTime: '1',
          pidDomain: null,
          at: new Date(0).toISOString(),
          trashDirs: [target, outside],
          ended: true,
        }),
      ),
    manifest: () => {
      for (const path of manifests) writeFileSync(path, lyingManifest(readFileSync(path, 'utf8'), target, random));
    },
  };
  const name = random.pick(Object.keys(lies));
  try {
    lies[name]();
  } catch {
    return `${name} could not be written`;
  }
  return `a ${name} that names ${JSON.stringify(target)}`;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function lyingManifest(text, target, random) {
  const keys = ['path', 'configDir', 'projectDir', 'entry', 'id', 'cwd'];
  const key = random.pick(keys);
  return text.replaceAll(new RegExp(`"${key}":(?:"[^"]*"|\\d+)`, 'g'), () => `"${key}":${JSON.stringify(target)}`);
}

function shuffled(list, random) {
  return list
    .map((value) => ({ value, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
