import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { makeHome, writeSessions, type Sample } from '../../e2e/sample-home.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { TestTerminal } from '../../support/terminal.js';

/** The time of the tests. */
export const AT = Date.parse('2026-11-24T12:00:00.000Z');

/** The ids of the sessions of `SAMPLES`, in the order of the list. */
export const IDS = [1, 2, 3, 4, 5, 6].map((digit) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`);

/** Sessions that differ in everything that a picker shows. */
export const SAMPLES: readonly Sample[] = [
  {
    id: IDS[0]!,
    at: '2026-11-24T11:00:00.000Z',
    prompt: 'Now the same for restore.',
    title: 'Fix prune race in the trash journal',
    branch: 'fix/journal',
  },
  {
    id: IDS[1]!,
    at: '2026-11-23T09:00:00.000Z',
    prompt: 'Why does the login loop?\nIt redirects for ever.',
    cwd: '/home/me/code/web',
  },
  {
    id: IDS[2]!,
    at: '2026-11-20T09:00:00.000Z',
    prompt: 'x',
    title: '請求書のテンプレートを直す',
    cwd: '/home/me/clients/a-project-with-a-long-name/deep/inside',
    branch: 'feat/invoice',
  },
  {
    id: IDS[3]!,
    at: '2026-11-10T09:00:00.000Z',
    prompt: 'x',
    title: '\u001b[31mHostile\u001b]0;title\u0007 \u202ereversed\u0000 👩‍👩‍👧 end',
  },
  { id: IDS[4]!, at: '2026-10-01T09:00:00.000Z', prompt: 'Write the release notes for 1.4, with the journal in them' },
  {
    id: IDS[5]!,
    at: '2026-09-01T09:00:00.000Z',
    prompt: 'Backfill of the March partitions',
    cwd: '/home/me/work/etl',
    title: 'Backfill',
  },
];

/** A running command with its terminal. */
export interface Running {
  screen: TestTerminal;
  outcome: Promise<Outcome>;
  home: string;
}

/** Starts a command line in a home of these sessions, in a terminal of this size. */
export function start(
  args: readonly string[],
  {
    columns = 100,
    rows = 30,
    samples = SAMPLES,
    home = newHome(samples),
    ...world
  }: Partial<World> & {
    columns?: number;
    rows?: number;
    samples?: readonly Sample[];
  } = {},
): Running {
  const screen = world.screen instanceof TestTerminal ? world.screen : new TestTerminal({ columns, rows });
  const at = {
    home,
    cwd: home,
    now: AT,
    env: {},
    cacheDir: join(home, 'cache'),
    stateDir: join(home, 'state'),
    terminal: columns,
  };
  return { screen, home, outcome: run(args, { ...at, ...world, screen }) };
}

/** Makes a home with sessions, removed after the test. */
export function newHome(samples: readonly Sample[]): string {
  const home = makeHome();
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  writeSessions(home, samples);
  return home;
}

/** Waits until the screen shows this text. */
export async function shows(screen: TestTerminal, text: string | RegExp): Promise<void> {
  await expect.poll(() => screen.picture, { timeout: 20_000 }).toMatch(text);
}

/** Waits until the picker has read everything and its screen no longer changes. */
export async function settled(screen: TestTerminal): Promise<string> {
  let before = '';
  for (let same = 0; same < 3; ) {
    await new Promise((resolve) => void setTimeout(resolve, 100));
    await screen.settle();
    // An ellipsis stands for a preview that was not read yet.
    const isRead = !/│ …$/m.test(screen.picture);
    same = screen.picture === before && screen.isTakenOver && isRead ? same + 1 : 0;
    before = screen.picture;
  }
  return before;
}
