// Lets the real Claude Code make some two hundred small sessions (session-kinds.mjs, session-screens.mjs) and compares
// what ccsess says of each with what Claude Code does: the prompts that were sent and the rows of its /rewind, the cost
// that it printed, the title in its picker, the messages it sends on resume, and what its cleanup deletes.
// `node test/e2e/sessions-lab.mjs [--keep FOLDER] [NAME...]`, after a build; NAME selects the kinds whose names begin
// with it, `=NAME` the one kind of this name.
// Linux with tmux, no network. CCSESS_E2E_CLAUDE names the binary. Exits with 1 if a difference is not in `EXPLAINED`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  compareBranches,
  compareCleanup,
  compareCosts,
  compareForks,
  comparePrompts,
  compareRows,
  compareTitles,
} from './sessions-compare.mjs';
import { Desk } from './sessions-desk.mjs';
import { KINDS } from './session-kinds.mjs';
import { SCREENS } from './session-screens.mjs';

const WORKERS = 2;
const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'claude-version.json'), 'utf8'));
const claude = process.env.CCSESS_E2E_CLAUDE || join(homedir(), '.cache/ccsess-e2e', version, 'claude');
const bin = join(here, '../../bin/ccsess.js');

/** Differences that are known: the comparison, the beginning of the kind's name, the reason (docs/storage.md). */
const EXPLAINED = [
  ['title', 'behind an element', 'the picker shows a placeholder'],
  ['prompts', 'written like a note', 'it is taken for the note'],
  ['cost', 'compacted', 'the total has the call that compacts'],
  ['cost', 'screen compacted', 'the total has the call that compacts'],
  ['cost', 'forked at an earlier answer', "the total has the parent's later answers"],
  ['cost', 'killed', 'the total lacks a killed run'],
  ['cost', 'two processes', 'the total is that of one process'],
  ['cost', 'screen next to', 'the total is that of one process'],
  ['cost', 'screen interrupted', 'the total has a request that left no line'],
  ['rows of /rewind', 'queued', 'a prompt that was taken in has no row after a resume'],
  ['rows of /rewind', 'screen with a queued prompt', 'a prompt that was taken in has no row after a resume'],
];

/** Opens a lab in a folder. Its programs run in a network namespace that has only the loopback interface. */
async function openLab(folder) {
  const process_ = spawn('unshare', ['-rn', process.execPath, join(here, 'lab.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map();
  let requests = 0;
  const send = (request) =>
    new Promise((done) => {
      const id = ++requests;
      waiting.set(id, done);
      process_.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  await new Promise((done, failed) => {
    process_.once('exit', (code) => failed(new Error(`the lab ended with ${code}`)));
    createInterface({ input: process_.stdout }).on('line', (line) => {
      const report = JSON.parse(line);
      if (report.ready) done();
      else if (!('pid' in report)) waiting.get(report.id)?.(report);
    });
  });
  const [home, configDir] = [join(folder, 'home'), join(folder, 'config')];
  const run = ({ env = {}, ...request }) => send({ configDir, home, ...request, env: { TMUX_TMPDIR: home, ...env } });
  const lab = {
    folder,
    home,
    configDir,
    claude,
    run,
    asked: async () => (await send({ asked: true })).asked,
    /** The JSON that ccsess prints, of the lab's config dir or another one. */
    ccsess: async (...words) => {
      const options = typeof words[0] === 'object' ? words.shift() : {};
      const env = { CCSESS_CACHE_DIR: join(home, 'cache') };
      const request = { program: process.execPath, args: [bin, ...words], cwd: folder, env, ...options };
      const { code, stdout, stderr } = await run(request);
      if (code !== 0) throw new Error(`ccsess ${words.join(' ')}: ${stderr}`);
      return JSON.parse(stdout);
    },
    close: async () => {
      process_.stdin.end();
      await once(process_, 'exit');
    },
  };
  return lab;
}

/** Writes a configuration that answers Claude Code's questions at its first start, and in each folder. */
function welcome(configDir, folders) {
  mkdirSync(configDir, { recursive: true });
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  const answers = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: version,
    theme: 'dark',
    customApiKeyResponses: { approved: ['sk-ant-not-a-key'], rejected: [] },
    projects: Object.fromEntries(folders.map((folder) => [folder, trusted])),
  };
  writeFileSync(join(configDir, '.claude.json'), JSON.stringify(answers));
}

/** Runs `work` for each item, `WORKERS` at a time. */
async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

async function makeSessions(lab, kinds) {
  const truths = new Map();
  const failed = [];
  const made = kinds.map(([name, make], at) => ({ name, make, desk: new Desk(lab, at + 1, name, truths) }));
  welcome(
    lab.configDir,
    made.map(({ desk }) => desk.work),
  );
  await inParallel(made, async ({ name, make, desk }) => {
    try {
      await make(desk);
    } catch (error) {
      failed.push(`${name}: ${error.message}`);
    } finally {
      await desk.close();
    }
  });
  return { truths, failed };
}

const words = process.argv.slice(2);
const kept = words[0] === '--keep' ? words.splice(0, 2)[1] : undefined;
const kinds = [...SCREENS, ...KINDS].filter(
  ([name]) =>
    words.length === 0 || words.some((word) => (word.startsWith('=') ? word === `=${name}` : name.startsWith(word))),
);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ccsess-sessions-')));
let faults = 0;
try {
  for (const name of ['home', 'config', 'work']) mkdirSync(join(folder, name));
  const lab = await openLab(folder);
  const { truths, failed } = await makeSessions(lab, kinds);
  faults += failed.length;
  for (const text of failed) console.log(`DIFFERS\tnot made\t${text}`);
  const sessions = new Map((await lab.ccsess('list', '-a', '--json')).map((session) => [session.id, session]));
  console.log(`${kinds.length} kinds, ${truths.size} sessions noted, ${sessions.size} listed`);
  if (kept !== undefined) cpSync(lab.configDir, kept, { recursive: true });
  const context = { lab, truths, sessions, welcome, inParallel };
  for (const [name, compare] of [
    ['prompts', comparePrompts],
    ['cost', compareCosts],
    ['title', compareTitles],
    ['expiry', compareCleanup],
    ['rows of /rewind', compareRows],
    ['branch', compareBranches],
    ['fork at a prompt', compareForks],
  ]) {
    const { count, differences } = await compare(context);
    let explained = 0;
    for (const { kind, text } of differences) {
      const known = EXPLAINED.find(([what, start]) => what === name && kind.startsWith(start));
      if (known === undefined) faults++;
      else explained++;
      console.log(`${known === undefined ? 'DIFFERS' : `explained (${known[2]})`}\t${name}\t${kind}: ${text}`);
    }
    console.log(`${name}: ${count} compared, ${differences.length} different, ${explained} of them explained`);
  }
  await lab.close();
  console.log(
    `${sessions.size} sessions, ${faults} differences, Claude Code ` +
      `${spawnSync(claude, ['--version'], { encoding: 'utf8' }).stdout.trim()}`,
  );
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
process.exitCode = faults > 0 ? 1 : 0;
