// Every changing command, killed by strace before each of its changes to the disk; the next run puts things right.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ccsess } from './program.mjs';
import { makeHome, sessionId, writeSession } from './sessions.mjs';
import { differences, litterIn, ofSession, snapshot } from './snapshot.mjs';
import { killAt, pointsIn, recordIn } from './strace.mjs';

const IDS = [1, 2, 3, 4, 5].map(sessionId);
const NEW_ID = sessionId(99);
const OTHER_DISK = '/dev/shm';

const PRUNE = ['prune', '--older-than', '1d', '--yes'];
const RESTORE = ['restore', ...IDS, '--keep-times'];

/**
 * Commands, their starting state, and the rule that must hold after a kill. `apart`: the trash is on another file
 * system.
 */
const COMMANDS = {
  rm: { args: ['rm', ...IDS, '--yes'], check: allSafe },
  prune: { args: PRUNE, check: allSafe },
  'prune without compression': { args: [...PRUNE, '--no-compress'], check: allSafe },
  'prune to another disk': { args: PRUNE, check: allSafe, apart: true },
  'prune --permanent': { args: [...PRUNE, '--permanent'], check: wholeOrGone },
  restore: { from: PRUNE, args: RESTORE, check: allSafe },
  'restore from another disk': { from: PRUNE, args: RESTORE, check: allSafe, apart: true },
  'trash empty': { from: PRUNE, args: ['trash', 'empty', '--yes'], check: wholeOrGone },
  recover: { from: PRUNE, killedFrom: true, args: ['recover'], check: allSafe },
  'recover from another disk': { from: PRUNE, killedFrom: true, args: ['recover'], check: allSafe, apart: true },
  move: { args: ['move', 'a', 'b', '--yes'], check: asWithoutKill },
  'move of one': { args: ['move', '--session', IDS[1], 'b', '--yes'], check: asWithoutKill },
  create: { args: ['create', '--id', NEW_ID, '--title', 'New', '--tag', 'new', '--cwd', 'a'], check: samePaths },
  fork: { args: ['fork', IDS[0], '--id', NEW_ID], check: samePaths },
  rename: { args: ['rename', IDS[0], 'Renamed'], check: samePaths },
  tag: { args: ['tag', IDS[0], 'tagged'], check: samePaths },
  archive: { args: ['archive', IDS[0]], check: samePaths },
  pin: { args: ['pin', IDS[0]], check: samePaths },
};

/** One round is one kill. */
export async function torture({ random, rounds, isOver, scratch }) {
  const failures = [];
  const calls = new Map();
  let kills = 0;
  const scenes = [];
  for (const [name, command] of Object.entries(COMMANDS)) {
    if (command.apart && !existsSync(OTHER_DISK)) continue;
    scenes.push(await Scene.make(name, command, { scratch, random }));
  }
  try {
    // The rarest calls of each command first, then all others in turn, until there were enough.
    for (let turn = 0; kills < rounds && !isOver() && scenes.some(({ points }) => turn < points.length); turn++) {
      for (const scene of scenes) {
        const point = scene.points[turn];
        if (point === undefined || kills >= rounds || isOver()) continue;
        kills += 1;
        calls.set(point.call, (calls.get(point.call) ?? 0) + 1);
        const found = await scene.kill(point);
        failures.push(
          ...found.map((failure) => `${scene.name}, killed before ${point.call} ${point.count}: ${failure}`),
        );
      }
    }
  } finally {
    for (const scene of scenes) scene.remove();
  }
  return { counts: { kills, commands: scenes.length, 'distinct calls': calls.size }, failures };
}

/** A command, the state it starts from, and the points at which it can be killed. */
class Scene {
  static async make(name, command, { scratch, random }) {
    const scene = new Scene(name, command, scratch);
    writeHome(scene, random);
    scene.before = snapshot(scene.claude);
    if (command.from !== undefined) await scene.reach(command, random);
    scene.keepTemplate();
    await scene.find(random);
    return scene;
  }

  constructor(name, command, scratch) {
    this.name = name;
    this.command = command;
    this.scratch = scratch;
    this.home = join(scratch, 'home');
    this.claude = join(this.home, '.claude');
    this.template = mkdtempSync(join(scratch, 'template-'));
    this.trash = command.apart ? mkdtempSync(join(OTHER_DISK, 'ccsess-torture-')) : null;
  }

  get args() {
    return this.withTrash(this.command.args);
  }

  withTrash(args) {
    const takesTrash = ['prune', 'restore', 'recover', 'trash', 'rm'].includes(args[0]);
    return this.trash !== null && takesTrash ? [...args, '--trash-dir', this.trash] : args;
  }

  run(args, before = []) {
    return ccsess(this.withTrash(args), { home: this.home, before });
  }

  /** Runs the command that leads to the state to start from; to its half, if it is to be found killed. */
  async reach({ from, killedFrom }, random) {
    if (!killedFrom) return void (await this.run(from));
    const count = random.whole(2, 5);
    await this.run(from, killAt({ call: 'rename', count }));
  }

  keepTemplate() {
    execFileSync('cp', ['-a', this.home, join(this.template, 'home')]);
    if (this.trash !== null) execFileSync('cp', ['-a', this.trash, join(this.template, 'trash')]);
  }

  reset() {
    rmSync(this.home, { recursive: true, force: true });
    execFileSync('cp', ['-a', join(this.template, 'home'), this.home]);
    if (this.trash === null) return;
    rmSync(this.trash, { recursive: true, force: true });
    execFileSync('cp', ['-a', join(this.template, 'trash'), this.trash]);
  }

  /** Runs the command once to see which calls it makes, and what it leaves. */
  async find(random) {
    this.reset();
    const log = join(this.scratch, 'strace.log');
    const run = await this.run(this.command.args, recordIn(log));
    if (run.code !== 0) throw new Error(`${this.name} ended with ${run.code}: ${run.stderr}`);
    this.after = snapshot(this.claude);
    this.points = pointsIn(readFileSync(log, 'latin1'), [this.home, this.trash ?? this.home], random);
    this.reset();
    // Commands report the same for a file that was written later.
  }

  /** Kills the command at a point, lets others put things right, and returns what is wrong. */
  async kill(point) {
    this.reset();
    await this.run(this.command.args, killAt(point));
    const recovered = await this.run(['recover']);
    const failures = recovered.code === 0 ? [] : [`recover ended with ${recovered.code}: ${recovered.stderr}`];
    failures.push(...(await this.command.check(this)));
    const folders = [this.claude, ...(this.trash === null ? [] : [this.trash])];
    failures.push(...litterIn(folders).map((name) => `left behind: ${name}`));
    return failures;
  }

  /** After a restore that was killed, recover renews times, as a plain restore does. */
  timed(tree) {
    if (!this.name.startsWith('restore') && !this.name.startsWith('recover')) return tree;
    return Object.fromEntries(
      Object.entries(tree).map(([path, text]) => [path, text.replace(/^(file \d+ \d+) \d+/, '$1')]),
    );
  }

  async trashed() {
    const { stdout } = await this.run(['trash', '--json']);
    return JSON.parse(stdout).map(({ id }) => id);
  }

  async restoreAll() {
    const ids = await this.trashed();
    if (ids.length === 0) return [];
    const { code, stderr } = await this.run(['restore', ...ids, '--keep-times']);
    return code === 0 ? [] : [`restore ended with ${code}: ${stderr}`];
  }

  remove() {
    if (this.trash !== null) rmSync(this.trash, { recursive: true, force: true });
  }
}

function writeHome({ scratch, home }, random) {
  rmSync(home, { recursive: true, force: true });
  makeHome(scratch, 'home', ['a', 'b']);
  writeSession(home, 'a', 1, { turns: 12, results: true, rest: true, random });
  writeSession(home, 'a', 2, { turns: 30, rest: true, random });
  // Of nothing but a small transcript: they are in the trash without a folder.
  for (const n of [3, 4, 5]) writeSession(home, n === 5 ? 'b' : 'a', n, { turns: 2, random });
  mkdirSync(join(home, '.cache'));
}

/** Each session is whole in its place or in the trash, never both, and all can be restored as they were. */
async function allSafe(scene) {
  const trashed = await scene.trashed();
  const now = scene.timed(snapshot(scene.claude));
  const failures = IDS.flatMap((id) => {
    const expected = trashed.includes(id) ? {} : ofSession(scene.timed(scene.before), id);
    return differences(expected, ofSession(now, id)).map(
      (text) => `${trashed.includes(id) ? 'in the trash' : 'in place'}: ${text}`,
    );
  });
  failures.push(...(await scene.restoreAll()));
  return [...failures, ...differences(files(scene.timed(scene.before)), files(scene.timed(snapshot(scene.claude))))];
}

/** Each session is whole, in its place or the trash, or nothing is left of it. */
async function wholeOrGone(scene) {
  const failures = await scene.restoreAll();
  const now = snapshot(scene.claude);
  for (const id of IDS) {
    const left = ofSession(now, id);
    if (Object.keys(left).length > 0) failures.push(...differences(ofSession(scene.before, id), left));
  }
  return failures;
}

/** Running the command again gives the result of a run without a kill. */
async function asWithoutKill(scene) {
  const again = await scene.run(scene.command.args);
  const isDone = /no session of|already/.test(again.stderr);
  const failures = again.code === 0 || isDone ? [] : [`the command ended with ${again.code}: ${again.stderr}`];
  return [...failures, ...differences(scene.after, snapshot(scene.claude))];
}

/** As `asWithoutKill`, for commands that write ids and times of their own: the same files, and no line changed. */
async function samePaths(scene) {
  const again = await scene.run(scene.command.args);
  const failures =
    again.code === 0 || /exist/.test(again.stderr) ? [] : [`the command ended with ${again.code}: ${again.stderr}`];
  const now = snapshot(scene.claude);
  const modes = (tree) =>
    Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, text.split(' ').slice(0, 2).join(' ')]));
  // A created session has its title in the transcript as well; only that is written in one step.
  const isLeft = (text) => scene.name !== 'create' || !text.endsWith('missing') || text.includes('.jsonl');
  const changed = differences(modes(scene.after), modes(now)).filter(isLeft);
  const kept = IDS.filter((id) => !scene.command.args.includes(id));
  return [
    ...failures,
    ...changed,
    ...kept.flatMap((id) => differences(ofSession(scene.before, id), ofSession(now, id))),
  ];
}

/** Files alone: empty folders come and go. */
function files(tree) {
  return Object.fromEntries(Object.entries(tree).filter(([, text]) => !text.startsWith('folder')));
}
