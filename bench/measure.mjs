// Measures the time of whole processes and their peak memory. Only ratios taken pair by pair can be compared: absolute
// times drift by a quarter on a shared machine.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GNU_TIME = existsSync('/usr/bin/time') && process.platform === 'linux' ? '/usr/bin/time' : null;
const folder = mkdtempSync(join(tmpdir(), 'ccsess-measure-'));
const peakFile = join(folder, 'peak');
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs `[program, ...args]` and discards its stdout. Resolves to `{ ms, peakBytes }`; peakBytes is null without GNU
 * time.
 */
export function runOnce([program, ...args], env) {
  const command = GNU_TIME === null ? [program, ...args] : [GNU_TIME, '-f', '%M', '-o', peakFile, program, ...args];
  return new Promise((done, failed) => {
    const begun = process.hrtime.bigint();
    const child = spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
    });
    child.once('error', failed);
    child.once('close', (code) => {
      const ms = Number(process.hrtime.bigint() - begun) / 1e6;
      if (code !== 0)
        failed(new Error(`${[program, ...args].join(' ')} ended with ${code}: ${complaint.slice(0, 500)}`));
      else
        done({
          ms,
          peakBytes: GNU_TIME === null ? null : Number(readFileSync(peakFile, 'utf8').trim().split('\n').at(-1)) * 1024,
        });
    });
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs ours and theirs in turn (A B A B …) after one round that does not count. `theirs` are commands run one after
 * another, whose times add up. `before` runs ahead of each of ours, `beforeTheirs` ahead of each of theirs, both
 * untimed. Resolves to the median ratio, both medians in milliseconds, and the peak memory of ours.
 */
export async function compare({ ours, theirs, env, before = () => {}, beforeTheirs = () => {}, pairs }) {
  const rounds = [];
  for (let round = 0; round <= pairs; round++) {
    await before();
    const { ms: a, peakBytes } = await runOnce(ours, env);
    await beforeTheirs();
    let b = 0;
    for (const command of theirs) b += (await runOnce(command, env)).ms;
    if (round > 0) rounds.push({ a, b, peakBytes });
  }
  return {
    ratio: median(rounds.map(({ a, b }) => a / b)),
    oursMs: median(rounds.map(({ a }) => a)),
    theirsMs: median(rounds.map(({ b }) => b)),
    peakBytes: GNU_TIME === null ? null : Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
  };
}
