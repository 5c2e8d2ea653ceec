import { aResponse, fakeIndex, HOME, NOW, type Sketch } from './builders.js';
import { run, type Outcome, type World } from './context.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIB = 1024;
const MIB = 1024 * KIB;

const DAMAGE = [{ code: 'nul-run' as const, message: '8 NUL bytes', file: '/x.jsonl', line: 3, byteOffset: 40 }];

/** Holds a response of another session, and one of its own. */
const FORK: Sketch = {
  forkedFrom: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e',
  responses: [
    aResponse('plan', { usage: { output: 136_500 }, inherited: true }),
    aResponse('fix', { usage: { output: 567_000 } }),
  ],
};

/** Sessions with every sign, of every width, hidden and listed ones; newest first. */
export const SESSIONS: Sketch[] = [
  {
    id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
    title: 'Fix prune race in the trash journal',
    cwd: `${HOME}/code/ccsess`,
    live: { pid: 48213, status: 'idle' },
    active: NOW - 71_000,
    prompts: 31,
    bytes: 4_299_161,
    branch: 'fix/journal',
    ...FORK,
  },
  {
    id: 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
    title: 'Rate limiter',
    cwd: `${HOME}/code/api`,
    active: NOW - 3 * MINUTE,
    prompts: 0,
    bytes: 412,
  },
  {
    id: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e',
    title: 'Prune: first plan',
    cwd: `${HOME}/code/ccsess`,
    active: NOW - 2 * HOUR,
    prompts: 18,
    bytes: 1_992_294,
    branch: 'main',
    responses: [aResponse('plan', { usage: { output: 136_500 } })],
  },
  {
    id: '71c0aa3e-8b2d-4d19-9f0a-6c5b4a3d2e1f',
    title: 'Backfill of the March partitions',
    cwd: `${HOME}/work/etl`,
    pinned: true,
    active: NOW - 5 * HOUR,
    prompts: 1112,
    bytes: 38 * MIB,
  },
  {
    id: 'e2b94f06-0a1b-4c2d-8e3f-4a5b6c7d8e9f',
    title: 'why does zsh take 900 ms to start up on this machine?',
    titleSource: 'prompt',
    cwd: `${HOME}/code/dotfiles`,
    active: NOW - DAY,
    prompts: 6,
    bytes: 204 * KIB,
  },
  {
    id: '0d6f1b88-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
    title: '請求書のテンプレートを直す',
    cwd: `${HOME}/work/clients/müller-gmbh`,
    problems: DAMAGE,
    active: NOW - 2 * DAY,
    prompts: 9,
    bytes: 733 * KIB,
  },
  {
    id: '44a1c9d2-2a3b-4c4d-8e5f-6a7b8c9d0e1f',
    title: 'תיקון של דף הבית',
    cwd: `${HOME}/code/site`,
    active: NOW - 3 * DAY,
    prompts: 1,
    bytes: 141 * KIB,
  },
  {
    id: 'b5103e7a-3a4b-4c5d-8e6f-7a8b9c0d1e2f',
    title: 'Airflow: split the nightly DAG',
    cwd: `${HOME}/work/old-etl`,
    gone: true,
    active: NOW - 15 * DAY,
    mtime: NOW - 25 * DAY,
    prompts: 22,
    bytes: 2_726_298,
  },
  {
    id: 'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f',
    title: 'Nightly report',
    kind: 'headless',
    cwd: `${HOME}/work/etl`,
    active: NOW - 16 * DAY,
    bytes: MIB,
    tag: 'nightly',
  },
  {
    id: 'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f',
    title: 'Done with it',
    archived: true,
    cwd: `${HOME}/work/etl`,
    active: NOW - 17 * DAY,
  },
  {
    id: 'cccc0000-6a7b-4c8d-8e9f-0a1b2c3d4e5f',
    title: null,
    resumable: false,
    empty: true,
    cwd: null,
    active: null,
    prompts: 0,
    bytes: 90,
  },
];

/** Runs `ccsess list` with these arguments on `SESSIONS`. */
export function list(args: string, more: World = {}): Promise<Outcome> {
  return run(['list', ...args.split(' ').filter((word) => word !== '')], { index: fakeIndex(SESSIONS), ...more });
}

/** Returns the first four characters of each id that `ccsess list` prints in a pipe. */
export async function listedIds(args: string, more: World = {}): Promise<string[]> {
  return (await list(args, more)).stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 4));
}
