// Lets the real Claude Code clean up prepared homes and prints what it deleted, what is expected and what ccsess
// forecasts: `node test/e2e/cleanup-lab.mjs [NAME...]`, after a build; NAME begins the names of homes, `=NAME` is one.
// Linux; each start takes about ten seconds and has no network. CCSESS_E2E_CLAUDE names the binary. Exit 1 when
// anything differs.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AGES, HOMES } from './cleanup-homes.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = 15_000;
const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'claude-version.json'), 'utf8'));
const claude = process.env.CCSESS_E2E_CLAUDE || join(homedir(), '.cache/ccsess-e2e', version, 'claude');
const ccsess = join(here, '../../bin/ccsess.js');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ccsess-cleanup-')));
// A copy to mount over /etc, with a folder for managed settings in it.
const etc = join(folder, 'etc');

const idOf = (kind, age) =>
  `${kind === 'desktop' ? 'dddddddd' : 'aaaaaaaa'}-0000-4000-8000-${String(age).padStart(12, '0')}`;

function write(path, text, ageDays = 0) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  setAge(path, ageDays);
}

function setAge(path, ageDays) {
  const seconds = (Date.now() - ageDays * DAY_MS) / 1000;
  utimesSync(path, seconds, seconds);
}

/** A transcript of one prompt. */
function transcript(id, cwd, entrypoint) {
  const common = {
    isSidechain: false,
    userType: 'external',
    cwd,
    sessionId: id,
    version,
    ...(entrypoint !== null && { entrypoint }),
  };
  const at = new Date().toISOString();
  const prompt = {
    ...common,
    parentUuid: null,
    type: 'user',
    message: { role: 'user', content: 'hello' },
    uuid: `${id.slice(0, -1)}a`,
    timestamp: at,
  };
  return `${JSON.stringify(prompt)}\n`;
}

/** Makes the folders of one home: config dir, project with sessions of all ages, managed settings. */
function prepare(home) {
  const base = join(folder, home.name);
  const dirs = {
    home: join(base, 'home'),
    configDir: join(base, 'config'),
    work: join(base, 'work'),
    managed: join(base, 'managed'),
  };
  for (const path of Object.values(dirs)) mkdirSync(path, { recursive: true });
  const projectDir = join(dirs.configDir, 'projects', dirs.work.replaceAll(/[^A-Za-z0-9]/g, '-'));
  for (const kind of ['plain', 'desktop']) {
    for (const age of AGES) {
      const id = idOf(kind, age);
      write(
        join(projectDir, `${id}.jsonl`),
        transcript(id, dirs.work, kind === 'desktop' ? 'claude-desktop' : 'cli'),
        age,
      );
    }
  }
  const places = { ...dirs, projectDir };
  for (const [path, file] of Object.entries(home.files ?? {})) {
    const [place, ...rest] = path.split('/');
    const { text, age, folder: isFolder } = typeof file === 'string' ? { text: file } : file;
    const target = join(places[place], ...rest);
    if (isFolder) mkdirSync(target, { recursive: true });
    else write(target, typeof text === 'function' ? text(places) : text, age);
    setAge(target, age ?? 0);
  }
  return places;
}

function openLab() {
  const lab = spawn('unshare', ['-rnm', process.execPath, join(here, 'lab.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map();
  let requests = 0;
  const ready = new Promise((done, failed) => {
    lab.once('exit', (code) => failed(new Error(`the lab ended with ${code}`)));
    createInterface({ input: lab.stdout }).on('line', (line) => {
      const report = JSON.parse(line);
      if (report.ready) done();
      else if ('code' in report) waiting.get(report.id)?.(report);
    });
  });
  const run = (request) =>
    new Promise((done) => {
      const id = ++requests;
      waiting.set(id, done);
      lab.stdin.write(`${JSON.stringify({ id, env: {}, ...request })}\n`);
    });
  const close = async () => {
    lab.stdin.end();
    await once(lab, 'exit');
  };
  return { ready, run, close };
}

/** Runs a program where `/etc/claude-code` is the home's folder of managed settings. */
function runManaged(lab, dirs, [program, ...args], env = {}) {
  const script = 'mount --bind "$1" /etc && mount --bind "$2" /etc/claude-code && shift 2 && exec "$@"';
  const words = ['-m', 'bash', '-c', script, 'bash', etc, dirs.managed, program, ...args];
  return lab.run({ program: 'unshare', args: words, cwd: dirs.work, configDir: dirs.configDir, home: dirs.home, env });
}

/** A start of Claude Code that ends soon after its cleanup. */
async function cleanUp(lab, home, dirs) {
  const prompt = `Wait\nscript: ${JSON.stringify([{ text: 'done', delayMs: 60_000 }])}`;
  const script = [
    'marker=$CLAUDE_CONFIG_DIR/.last-cleanup; "$@" & claude=$!',
    // A process that has ended stays a zombie until its parent waits for it.
    'runs() { [ -e /proc/$claude ] && ! grep -q "^State:.Z" /proc/$claude/status; }',
    `for (( tries = 0; tries < ${START_MS / 200}; tries++ )); do [ -e "$marker" ] && break; runs || break; sleep ` +
      '0.2; done',
    'sleep 0.5; kill $claude 2>/dev/null; wait $claude',
  ].join('\n');
  const words = [
    'bash',
    '-c',
    script,
    'bash',
    claude,
    '-p',
    prompt,
    '--debug-file',
    join(dirs.home, 'debug.txt'),
    ...(home.args ?? []),
  ];
  const run = await runManaged(lab, dirs, words, home.env);
  const debug = existsSync(join(dirs.home, 'debug.txt')) ? readFileSync(join(dirs.home, 'debug.txt'), 'utf8') : '';
  const why = debug.split('\n').find((line) => /Skipping (retention )?cleanup/.test(line)) ?? '';
  return {
    started: existsSync(join(dirs.configDir, '.last-cleanup')),
    why: why.replace(/^.*Skipping/, 'Skipping'),
    output: `${run.stdout}${run.stderr}`.trim().slice(0, 300),
  };
}

/** Names of the sessions and files of a home that do not exist. */
function missing(home, { projectDir, ...dirs }) {
  const gone = (kind) => AGES.filter((age) => !existsSync(join(projectDir, `${idOf(kind, age)}.jsonl`)));
  const files = Object.keys(home.files ?? {}).filter((path) => {
    const [place, ...rest] = path.split('/');
    return !existsSync(join({ ...dirs, projectDir }[place], ...rest));
  });
  return { plain: gone('plain'), desktop: gone('desktop'), files };
}

async function forecast(lab, dirs) {
  const { code, stdout, stderr } = await runManaged(
    lab,
    dirs,
    [process.execPath, ccsess, 'forecast', '--within', '0d', '--json'],
    { CCSESS_CACHE_DIR: join(dirs.home, 'cache') },
  );
  if (code !== 0) return { error: stderr };
  const { sessions, periods, ...rest } = JSON.parse(stdout);
  const ids = new Set(sessions.filter(({ whole }) => whole).map(({ id }) => id));
  const files = new Map(sessions.map(({ id, deleteFiles }) => [id, deleteFiles]));
  const goes = (kind) => AGES.filter((age) => ids.has(idOf(kind, age)));
  return { plain: goes('plain'), desktop: goes('desktop'), ids, files, period: periods[0], warnings: rest.warnings };
}

/** Paths of two lists that are in one of them only: `+` in the first, `-` in the second. */
const differing = (a, b) => [
  ...a.filter((path) => !b.includes(path)).map((path) => `+${path}`),
  ...b.filter((path) => !a.includes(path)).map((path) => `-${path}`),
];

/** Sessions of which ccsess forecasts another number of files than Claude Code deleted. */
function miscounted(home, forecasts, gone) {
  const ids = new Set(
    Object.keys(home.files ?? {}).flatMap((path) => /^projectDir\/([^/.]{36})\.jsonl$/.exec(path)?.[1] ?? []),
  );
  return [...ids].flatMap((id) => {
    // Files next to a transcript with other endings do not belong to the session for ccsess.
    const isOther = (path) => path.startsWith(`projectDir/${id}.`) && !path.endsWith('.jsonl');
    const files = gone.filter((path) => path.includes(id) && !home.files[path].folder && !isOther(path));
    const said = forecasts.get(id) ?? 0;
    return said === files.length ? [] : [`${id.slice(-2)}: ${said} of ${files.length} files`];
  });
}

const older = (days) => (typeof days === 'number' ? AGES.filter((age) => age >= days) : []);

async function judge(lab, home) {
  const dirs = prepare(home);
  const before = await forecast(lab, dirs);
  const { started, why, output } = await cleanUp(lab, home, dirs);
  const gone = missing(home, dirs);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const wrong = [];
  if (home.days === 'no start' && (started || output === '')) wrong.push('it started');
  if (typeof home.days === 'number' && !started) wrong.push(`no cleanup: ${output}`);
  if (!same(gone.plain, older(home.days))) wrong.push(`deleted ages ${gone.plain}, not ${older(home.days)}`);
  if (!same(gone.desktop, older(home.desktopDays)))
    wrong.push(`deleted desktop ages ${gone.desktop}, not ${older(home.desktopDays)}`);
  if (
    !same(
      gone.files,
      Object.keys(home.files ?? {}).filter((path) => home.deleted?.includes(path)),
    )
  )
    wrong.push(`deleted files differ: ${differing(gone.files, home.deleted ?? [])}`);
  const ours = [];
  if (before.error !== undefined) ours.push(before.error);
  else if (!home.project) {
    if (!same(before.plain, gone.plain)) ours.push(`forecasts ages ${before.plain}`);
    if (!same(before.desktop, gone.desktop)) ours.push(`forecasts desktop ages ${before.desktop}`);
    const transcripts = Object.keys(home.files ?? {}).filter((path) => /^projectDir\/[^/]+\.jsonl$/.test(path));
    const said = transcripts.filter((path) => before.ids.has(path.slice(11, -6)));
    const went = transcripts.filter((path) => gone.files.includes(path));
    const counts = miscounted(home, before.files, gone.files);
    if (counts.length > 0) ours.push(`forecasts ${counts}`);
    if (!same(said, went)) ours.push(`forecasts of ${transcripts.length} transcripts ${said}`);
  }
  console.log(
    `${wrong.length > 0 ? 'DIFFERS' : 'ok'}\t${ours.length > 0 ? 'CCSESS' : 'ok'}\t${home.name}\t` +
      `${[...wrong, ...ours, why].filter(Boolean).join('; ')}\t${JSON.stringify(before.period)}`,
  );
  return wrong.length + ours.length;
}

const wanted = process.argv.slice(2);
const isWanted = ({ name }) =>
  wanted.some((word) => (word.startsWith('=') ? word === `=${name}` : name.startsWith(word)));
const homes = HOMES.filter((home) => wanted.length === 0 || isWanted(home));
let faults = 0;
try {
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true, filter: (path) => !/shadow|ssl\/private/.test(path) });
  mkdirSync(join(etc, 'claude-code'), { recursive: true });
  if (spawnSync('unshare', ['-rnm', 'true']).status !== 0) throw new Error('unshare -rnm does not work here');
  const lab = openLab();
  await lab.ready;
  const queue = [...homes];
  const worker = async () => {
    for (let home = queue.shift(); home !== undefined; home = queue.shift()) faults += await judge(lab, home);
  };
  await Promise.all([worker(), worker()]);
  await lab.close();
  console.log(
    `${homes.length} homes, ${faults} differences, Claude Code ` +
      `${spawnSync(claude, ['--version'], { encoding: 'utf8' }).stdout.trim()}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
process.exitCode = faults > 0 ? 1 : 0;
