// Rewinds and their undos, killed by strace before each of their changes to the disk: no file is lost or half written.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ccsess } from './program.mjs';
import { makeHome, projectDir, sessionId, writePrivate } from './sessions.mjs';
import { differences, litterIn, snapshot } from './snapshot.mjs';
import { killAt, pointsIn, recordIn } from './strace.mjs';

const ID = sessionId(1);
const REWIND = ['rewind', ID, '--to', '1', '--yes'];
/** Bytes that take several writes. */
const LARGE_BYTES = 3 * 1024 * 1024;

/** Commands; `from` leads to the state to start from, killed on the way with `isKilled`. */
const COMMANDS = {
  rewind: {},
  'rewind --undo': { from: REWIND },
  'rewind --undo of a killed rewind': { from: REWIND, isKilled: true },
};

/** One round is one kill. */
export async function torture({ random, rounds, isOver, scratch }) {
  const failures = [];
  let kills = 0;
  const scenes = [];
  for (const [name, command] of Object.entries(COMMANDS)) scenes.push(await Scene.make(name, command, scratch, random));
  for (let turn = 0; kills < rounds && !isOver() && scenes.some(({ points }) => turn < points.length); turn++) {
    for (const scene of scenes) {
      const point = scene.points[turn];
      if (point === undefined || kills >= rounds || isOver()) continue;
      kills += 1;
      const found = await scene.kill(point);
      failures.push(...found.map((text) => `${scene.name}, killed before ${point.call} ${point.count}: ${text}`));
    }
  }
  return { counts: { kills, commands: scenes.length }, failures };
}

/** A command, the state it starts from, and the points at which it can be killed. */
class Scene {
  static async make(name, command, scratch, random) {
    const scene = new Scene(name, scratch);
    writeHome(scene, random);
    scene.before = snapshot(scene.project);
    await scene.must(REWIND);
    scene.after = snapshot(scene.project);
    scene.reset();
    await scene.reach(command, random);
    scene.keepTemplate();
    await scene.find(random);
    return scene;
  }

  constructor(name, scratch) {
    this.name = name;
    this.scratch = scratch;
    this.home = join(scratch, 'home');
    this.project = join(this.home, 'a');
    this.copies = join(this.home, '.claude/.ccsess/trash/rewinds');
    this.template = mkdtempSync(join(scratch, 'template-'));
  }

  /** The command line that is killed. */
  get args() {
    const [copy] = this.namesOfCopies();
    return this.name === 'rewind' ? REWIND : ['rewind', '--undo', copy?.replace(/\..*/, '') ?? 'none', '--yes'];
  }

  namesOfCopies() {
    return existsSync(this.copies) ? readdirSync(this.copies).sort() : [];
  }

  run(args, before = []) {
    return ccsess(args, { home: this.home, cwd: this.project, before });
  }

  async must(args) {
    const run = await this.run(args);
    if (run.code !== 0) throw new Error(`${args.join(' ')} ended with ${run.code}: ${run.stderr}`);
  }

  /** Runs the command that leads to the state to start from. */
  async reach({ from, isKilled }, random) {
    if (from === undefined) return;
    if (!isKilled) return this.must(from);
    for (let count = random.whole(3, 6); !this.namesOfCopies().some((name) => name.endsWith('.applying')); count++) {
      this.reset();
      await this.run(from, killAt({ call: 'rename', count }));
    }
  }

  keepTemplate() {
    rmSync(this.template, { recursive: true, force: true });
    execFileSync('cp', ['-a', this.home, this.template]);
  }

  reset() {
    rmSync(this.home, { recursive: true, force: true });
    execFileSync('cp', ['-a', this.template, this.home]);
  }

  /** Runs the command once to see which calls it makes. */
  async find(random) {
    const log = join(this.scratch, 'strace.log');
    const run = await this.run(this.args, recordIn(log));
    if (run.code !== 0) throw new Error(`${this.name} ended with ${run.code}: ${run.stderr}`);
    this.points = pointsIn(readFileSync(log, 'latin1'), [this.home], random);
  }

  /** Kills the command at a point, lets others look at it, puts the files back, and returns what is wrong. */
  async kill(point) {
    this.reset();
    const { args } = this;
    await this.run(args, killAt(point));
    const halfway = snapshot(this.project);
    const failures = this.wholeAt(halfway);
    const recovered = await this.run(['recover']);
    failures.push(...differences(halfway, snapshot(this.project)).map((text) => `another command wrote: ${text}`));
    const interrupted = this.namesOfCopies().find((name) => name.endsWith('.applying'));
    // A rewind is only reported by other commands: recover says that something is left to do.
    if (recovered.code !== (interrupted === undefined ? 0 : 3))
      failures.push(`recover ended with ${recovered.code}: ${recovered.stderr}`);
    if (interrupted !== undefined && !recovered.stderr.includes('ccsess rewind --undo'))
      failures.push('another command did not name the undo');
    const undo = this.name === 'rewind' ? interrupted?.replace('.applying', '') : args[2];
    if (undo !== undefined) failures.push(...(await this.leads(['rewind', '--undo', undo, '--yes'], this.before)));
    failures.push(...(await this.leads(REWIND, this.after, withoutTimes)));
    failures.push(...litterIn([this.project, this.copies]).map((name) => `left behind: ${name}`));
    const open = this.namesOfCopies().filter((name) => /\.(saving|applying|emptying)$/.test(name));
    return [...failures, ...open.map((name) => `left open: ${name}`)];
  }

  /** Each file is as it was or as it is to be, and none is missing that both states have. */
  wholeAt(tree) {
    const [before, after, now] = [this.before, this.after, tree].map((each) => files(withoutTimes(each)));
    const named = Object.entries(now).filter(([path]) => !/\.[0-9a-f]{16}\.tmp$/.test(path));
    const torn = named.filter(([path, text]) => text !== before[path] && text !== after[path]);
    const lost = Object.keys(before).filter((path) => after[path] !== undefined && now[path] === undefined);
    return [...torn.map(([path]) => `half written: ${path}`), ...lost.map((path) => `lost: ${path}`)];
  }

  /** Runs a command, and returns how the files differ from those it should lead to. */
  async leads(args, expected, change = (tree) => tree) {
    const { code, stderr } = await this.run(args);
    const failures = code === 0 ? [] : [`${args.join(' ')} ended with ${code}: ${stderr}`];
    return [...failures, ...differences(files(change(expected)), files(change(snapshot(this.project))))];
  }
}

/** A rewind gives files the time it runs at. */
function withoutTimes(tree) {
  return Object.fromEntries(
    Object.entries(tree).map(([path, text]) => [path, text.replace(/^(file \d+ \d+) \d+/, '$1')]),
  );
}

/** Files alone: a rewind leaves folders that become empty. */
function files(tree) {
  return Object.fromEntries(Object.entries(tree).filter(([, text]) => !text.startsWith('folder')));
}

/**
 * A session of two prompts. Its first state differs in every way from the files: edited, deleted, new, with other
 * permissions, large, and in folders that are gone.
 */
function writeHome({ scratch, home, project, template }, random) {
  rmSync(home, { recursive: true, force: true });
  makeHome(scratch, 'home', ['a']);
  mkdirSync(join(home, '.cache'));
  const large = (end) => Buffer.concat([Buffer.alloc(LARGE_BYTES, random.hex(64)), Buffer.from(end)]);
  const start = {
    'edited.txt': ['before\n', 0o755],
    'gone/deep/deleted.txt': ['deleted later\n', 0o644],
    'mode.sh': ['same\n', 0o755],
    'large.bin': [large('before'), 0o644],
  };
  const now = {
    'edited.txt': ['by hand\n', 0o600],
    'mode.sh': ['same\n', 0o644],
    'large.bin': [large('after'), 0o640],
    'new.txt': ['new\n', 0o644],
    'new/dir/other.txt': ['other\n', 0o644],
  };
  writeTranscript({ home, project }, start, Object.keys(now));
  for (const [name, [content, mode]] of Object.entries(now)) {
    const path = join(project, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  }
  rmSync(template, { recursive: true, force: true });
  execFileSync('cp', ['-a', home, template]);
}

/** Writes the transcript, and the copies of the files as they were before the first prompt. */
function writeTranscript({ home, project }, start, names) {
  const backups = {};
  for (const name of new Set([...Object.keys(start), ...names])) {
    const hash = createHash('sha256').update(join(project, name)).digest('hex').slice(0, 16);
    const backupFileName = name in start ? `${hash}@v1` : null;
    const backupTime = '2026-01-01T10:00:00.000Z';
    backups[name] = { backupFileName, version: 1, backupTime, realParentDir: dirname(join(project, name)) };
    if (backupFileName === null) continue;
    const copy = join(home, '.claude/file-history', ID, backupFileName);
    writePrivate(copy, start[name][0]);
    chmodSync(copy, start[name][1]);
  }
  const uuid = `${ID.slice(0, -1)}2`;
  const common = { isSidechain: false, userType: 'external', cwd: project, sessionId: ID, version: '2.1.332' };
  const times = { timestamp: '2026-01-01T10:00:00.000Z' };
  const lines = [
    {
      type: 'file-history-snapshot',
      messageId: uuid,
      snapshot: { messageId: uuid, ...times, trackedFileBackups: backups },
      isSnapshotUpdate: false,
    },
    { ...common, ...times, type: 'user', uuid, parentUuid: null, message: { role: 'user', content: 'Do it' } },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writePrivate(join(projectDir(home, 'a'), `${ID}.jsonl`), text);
}
