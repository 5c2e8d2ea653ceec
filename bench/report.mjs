// RESULTS.md and its pictures, both made from results.json, which keeps the figures of the last run of each size.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { limitsSvg, peersSvg } from './picture.mjs';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const ORDER = ['S', 'M', 'L', 'X'];
/** The picture in README: one size's comparisons with other programs. */
const PEERS = { size: 'L', path: '../docs/speed.svg' };
const HEAD =
  '# Results\n\n' +
  'Made by `npm run bench -- S M L X` (how: [README.md](README.md)). Each row runs ccsess and what it is compared ' +
  'with in turn, as whole\n' +
  'processes with a warm page cache. Ratios (ours / theirs) and times are medians; memory is the peak of all runs. ' +
  'A row fails if its ratio\n' +
  'or its memory exceeds the column *must*; *aim* is the goal, and the last column says which of the two is met. ' +
  'In the pictures the length\n' +
  'of a bar is the ratio divided by *must*.';

/** Today's date, and a description of this machine. */
export function machine() {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine:
      `${cores[0]?.model.trim() ?? 'unknown'} (${cores.length} cores), ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
      `${type()} ${release()}, Node ${process.versions.node}`,
  };
}

/** Replaces the figures of one size, keeps the others, and writes RESULTS.md and its pictures again. */
export function keep(size, result) {
  const all = { ...read(), [size]: result };
  const sorted = Object.fromEntries(ORDER.flatMap((name) => (name in all ? [[name, all[name]]] : [])));
  writeFileSync(pathOf('results.json'), `${JSON.stringify(sorted, null, 2)}\n`);
  writeResults();
}

/** Writes RESULTS.md and its pictures from the figures that are kept. */
export function writeResults() {
  for (const { path, content } of resultFiles()) writeFileSync(path, content);
}

/** RESULTS.md and its pictures, as they follow from the figures that are kept. */
export function resultFiles() {
  const all = read();
  const sizes = ORDER.filter((size) => size in all);
  const sections = sizes.map((size) => sectionOf(size, all[size]));
  const peers = all[PEERS.size]?.rows.filter(({ than }) => /ccusage|SDK/.test(than)) ?? [];
  return [
    { path: pathOf('RESULTS.md'), content: `${[HEAD, ...sections].join('\n\n')}\n` },
    ...sizes.map((size) => {
      const rows = all[size].rows.filter(({ must }) => must !== null);
      return {
        path: pathOf(pictureOf(size)),
        content: limitsSvg(rows, `Size ${size}: measured ratio divided by its limit`),
      };
    }),
    ...(peers.length === 0 ? [] : [{ path: pathOf(PEERS.path), content: peersSvg(peers) }]),
  ];
}

function read() {
  const path = pathOf('results.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function pictureOf(size) {
  return `results-${size}.svg`;
}

/** One size's part of RESULTS.md; `truth` says how the figures compare with those of the corpus, null: not checked. */
export function sectionOf(size, { date, machine: name, truth, rows }) {
  const mib = (bytes) => (bytes === null ? '–' : `${Math.round(bytes / 1024 / 1024)} MiB`);
  const limit = (row, level) =>
    [
      ...(row[level] === null ? [] : [`${row[level]} ×`]),
      ...(row.memory === null ? [] : [mib(row.memory[level])]),
    ].join(', ') || '–';
  return [
    `## ${size}`,
    '',
    `${date}, ${name}.`,
    ...(truth === null ? [] : [truth]),
    '',
    `![The rows of size ${size} with their limits](${pictureOf(size)})`,
    '',
    '| job | compared with | must | aim | measured | ours | theirs | our memory | |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.job} | ${row.than} | ${limit(row, 'must')} | ${limit(row, 'aim')} | **${row.ratio.toFixed(2)} ×** | ` +
        `${timeText(row.oursMs)} | ${timeText(row.theirsMs)} | ${mib(row.peakBytes)} | ${row.verdict} |`,
    ),
  ].join('\n');
}

function timeText(ms) {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
