// Makes docs/terminal.svg: what the built program prints for a small home, as on a terminal.
// usage: node scripts/picture.mjs [file]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { screenSvg } from './screen-svg.mjs';

const root = resolve(import.meta.dirname, '..');
const COLUMNS = 100;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Sessions of the picture, newest first. Ages are in minutes; half a minute is added so that they do not change
 * meanwhile.
 */
const SESSIONS = [
  {
    id: '3f2a91c0',
    folder: 'code/ccsess',
    title: 'Fix prune race in the trash journal',
    age: 0.5,
    prompts: 31,
    kib: 4198,
  },
  { id: 'c8e4d1f0', folder: 'code/api', title: 'Rate limiter', age: 3.5, prompts: 4, kib: 61 },
  { id: '9be01d77', folder: 'code/ccsess', title: 'Prune: first plan', age: 125, prompts: 18, kib: 1946 },
  {
    id: '71c0aa3e',
    folder: 'work/etl',
    title: 'Backfill of the March partitions',
    age: 305,
    prompts: 112,
    kib: 3811,
    pinned: true,
  },
  {
    id: 'e2b94f06',
    folder: 'code/dotfiles',
    prompt: 'why does zsh take 900 ms to start?',
    age: 1500,
    prompts: 6,
    kib: 204,
  },
  {
    id: '0d6f1b88',
    folder: 'work/clients/müller-gmbh',
    title: '請求書のテンプレートを直す',
    age: 2950,
    prompts: 9,
    kib: 733,
    damaged: true,
  },
  { id: '44a1c9d2', folder: 'code/site', prompt: 'bump vite and fix what breaks', age: 4400, prompts: 1, kib: 141 },
  {
    id: 'b5103e7a',
    folder: 'work/old-etl',
    title: 'Airflow: split the nightly DAG',
    age: 21700,
    prompts: 22,
    kib: 2662,
    gone: true,
  },
];

const home = realpathSync(mkdtempSync(join(tmpdir(), 'ccsess-picture-')));
try {
  for (const session of SESSIONS) writeSession(session, Date.now());
  writeFileSync(join(home, '.claude/settings.json'), '{"cleanupPeriodDays":365}');
  const svg = screenSvg(['$ ccsess list', ...printed(['list']).trimEnd().split('\n')], {
    columns: COLUMNS,
    title: 'ccsess list',
  });
  writeFileSync(resolve(process.argv[2] ?? join(root, 'docs/terminal.svg')), svg);
} finally {
  rmSync(home, { recursive: true });
}

/** Returns the output of the built program in the home, run in the folder of its first session. */
function printed(args) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, 'bin/ccsess.js'), ...args, '--table', '--color', 'always'],
    {
      cwd: join(home, SESSIONS[0].folder),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home, COLUMNS: String(COLUMNS), TERM: 'xterm', TZ: 'UTC' },
    },
  );
  if (status !== 0 || stderr !== '') throw new Error(`ccsess ${args.join(' ')}: exit code ${status}: ${stderr}`);
  return stdout;
}

function writeSession({ id: start, folder, title, prompt, age, prompts, kib, pinned, damaged, gone }, now) {
  const cwd = join(home, folder);
  const id = `${start}-7d1e-4f6a-9b57-2c4e8a1d0f33`;
  const dir = join(home, '.claude/projects', cwd.replaceAll(/[^A-Za-z0-9]/g, '-'));
  const path = join(dir, `${id}.jsonl`);
  const at = new Date(now - age * MINUTE);
  const lines = [];
  let parent = null;
  for (let number = 1; number <= prompts; number++) {
    for (const type of ['user', 'assistant']) {
      const uuid = `${start}-0000-4000-8000-${String(2 * number + (type === 'user' ? 0 : 1)).padStart(12, '0')}`;
      lines.push(entryOf({ type, uuid, parent, id, cwd, at, text: number === 1 ? (prompt ?? 'Begin') : 'Next step' }));
      parent = uuid;
    }
  }
  if (title !== undefined) lines.push(JSON.stringify({ type: 'custom-title', customTitle: title, sessionId: id }));
  if (damaged === true) lines.push('\0'.repeat(64));
  const text = `${lines.join('\n')}\n`;
  const padding = Math.max(0, kib * 1024 - Buffer.byteLength(text) - 40);
  mkdirSync(dir, { recursive: true });
  if (gone !== true) mkdirSync(cwd, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ type: 'padding', text: 'x'.repeat(padding) })}\n${text}`);
  utimesSync(path, at, at);
  if (pinned !== true) return;
  const mark = join(dir, id, 'pinned.json');
  mkdirSync(dirname(mark));
  writeFileSync(mark, `${JSON.stringify({ pinned: true, at: new Date(now - DAY).toISOString() })}\n`);
}

function entryOf({ type, uuid, parent, id, cwd, at, text }) {
  const message =
    type === 'user'
      ? { role: 'user', content: text }
      : { id: `msg_${uuid}`, role: 'assistant', model: 'claude-opus-5-5', content: [{ type: 'text', text: 'Done.' }] };
  return JSON.stringify({
    type,
    uuid,
    parentUuid: parent,
    sessionId: id,
    cwd,
    version: '2.1.330',
    entrypoint: 'cli',
    userType: 'external',
    isSidechain: false,
    timestamp: at.toISOString(),
    message,
  });
}
