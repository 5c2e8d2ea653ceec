// Types a query in the picker and times the search of the conversations that follows: until the first match is on the
// screen, and until the search is complete.
import xterm from '@xterm/headless';
import { removeFilters } from './index-files.mjs';
import { hasTerminal, inTerminal, SCREEN } from './screen.mjs';

/** A word that is in nearly every conversation, and one that is in none. */
const FREQUENT = 'index';
const ABSENT = 'zqxj_not_there_7731';
/** Pause in typing after which the picker searches conversations. */
const PAUSE_MS = 200;
const CTRL_C = '\u0003';
const ROUNDS = 5;
const LOST_MS = 60_000;

/** Rows like those of `rowsFor`; none without a pseudo-terminal. */
export function contentRows(warmUp, cacheDir) {
  if (!hasTerminal()) return [];
  const forget = () => removeFilters(cacheDir);
  const row = (name, { limitMs, aim }, how) => ({
    job: `picker: contents, ${name}`,
    than: `${limitMs} ms`,
    ours: warmUp,
    warmUp,
    theirs: [],
    must: 1,
    aim,
    measure: ({ env }) => measure({ env, limitMs, ...how }),
  });
  return [
    row(
      'first time: first match',
      { limitMs: 300, aim: 0.33 },
      { query: FREQUENT, before: forget, isReached: showsMatch },
    ),
    row('first time: complete', { limitMs: 1000, aim: 0.1 }, { query: ABSENT, before: forget, isReached: isComplete }),
    row('again: complete', { limitMs: 300, aim: 0.33 }, { query: ABSENT, before: () => {}, isReached: isComplete }),
  ];
}

async function measure({ env, query, before, isReached, limitMs }) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    before();
    times.push(await timeOf({ env, query, isReached }));
  }
  const oursMs = times.toSorted((a, b) => a - b)[ROUNDS >> 1];
  return { ratio: oursMs / limitMs, oursMs, theirsMs: limitMs, peakBytes: null };
}

/** Milliseconds from the end of the pause after the last letter. */
async function timeOf({ env, query, isReached }) {
  const picker = inTerminal(['pick'], env);
  const screen = new xterm.Terminal({ cols: SCREEN.columns, rows: SCREEN.rows, allowProposedApi: true });
  let onChange = () => {};
  picker.onOutput((text) => screen.write(Buffer.from(text, 'latin1'), () => onChange()));
  const lines = () =>
    Array.from({ length: SCREEN.rows }, (_, at) => screen.buffer.active.getLine(at)?.translateToString(true) ?? '');
  const until = (test) =>
    new Promise((done, lost) => {
      const timer = setTimeout(() => {
        picker.type(CTRL_C);
        lost(new Error(`not what the bench waits for:\n${lines().join('\n')}`));
      }, LOST_MS);
      onChange = () => {
        if (!test(lines())) return;
        clearTimeout(timer);
        done();
      };
      onChange();
    });
  await until(isComplete);
  picker.type(query);
  const begun = performance.now() + PAUSE_MS;
  await until(([header]) => header.includes(query));
  await until(isReached);
  const ms = performance.now() - begun;
  picker.type(CTRL_C);
  await picker.ended;
  screen.dispose();
  return ms;
}

function showsMatch(lines) {
  return lines.some((line) => line.includes('in text: '));
}

/** The number of sessions is followed by an ellipsis while they are read or searched. */
function isComplete([header]) {
  return /\d(?: sessions?)? *$/.test(header);
}
