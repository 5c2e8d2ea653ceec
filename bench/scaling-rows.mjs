// Size X: each shape, compared with one of half its size. It may take 2.2 times as long, and 250 MiB at most.
import { removeIndex } from './index-files.mjs';
import { makeSessions } from './many.mjs';
import { runOnce } from './measure.mjs';
import { shape } from './scaling.mjs';
import { join } from 'node:path';

const MiB = 1024 * 1024;
const LIMITS = { must: 2.2, aim: 2, memory: { must: 250 * MiB, aim: 250 * MiB }, pairs: 3 };
const MOVED = 20_000;

/** Rows as those of `rowsFor`; `env` is that of the measured programs. */
export function scalingRows({ cacheDir, ccsess, env }) {
  const cold = () => removeIndex(cacheDir);
  const rowOf = (name, job, args, options = {}) => {
    const { whole, half } = shape(name);
    const run = (configDir) => ccsess(...args, '--config-dir', configDir);
    return { ...LIMITS, job, than: 'half the size', ours: run(whole), theirs: [run(half)], ...options };
  };
  const coldRow = (name, what) =>
    rowOf(name, `cold \`list -L 20\`, ${what}`, ['list', '-L', '20'], { before: cold, beforeTheirs: cold });
  const rows = (name, what, commands) => [
    coldRow(name, what),
    ...commands.map((args) => rowOf(name, `\`${args.join(' ').replace(shape(name).id, 'ID')}\`, ${what}`, args)),
  ];
  const list = ['list', '-L', '20'];
  const dryRun = ['prune', '--older-than', '30d', '-n'];
  const show = ['show', shape('line').id];
  return [
    ...rows('sessions', '100,000 sessions in one project', [list, ['stats'], dryRun]),
    ...rows('projects', '5,000 projects', [list, ['stats'], dryRun]),
    ...rows('transcript', 'a transcript of 2 GB', [show, [...show, '--tail', '20']]),
    ...rows('line', 'a line of 100 MB', [show]),
    ...rows('subagents', '20,000 subagents', [list, dryRun, show]),
    ...moveRows({ cacheDir, ccsess, env }),
  ];
}

/** `prune` and `restore` of many sessions, which are made anew for each run. */
function moveRows({ cacheDir, ccsess, env }) {
  const [whole, half] = ['whole', 'half'].map((name) => join(cacheDir, '..', `moved-${name}`));
  const prune = (configDir) =>
    ccsess('prune', '--config-dir', configDir, '--older-than', '30d', '--yes', '--quiet', '--no-compress');
  const restore = (configDir) => ccsess('restore', '--last', '--config-dir', configDir);
  const pruned = async (configDir, count) => {
    makeSessions(configDir, count);
    await runOnce(prune(configDir), env);
  };
  const sessions = `${MOVED.toLocaleString('en')} sessions`;
  const common = { ...LIMITS, than: 'half the size', pairs: 2 };
  return [
    {
      ...common,
      job: `\`prune\` moves ${sessions}`,
      ours: prune(whole),
      theirs: [prune(half)],
      before: () => makeSessions(whole, MOVED),
      beforeTheirs: () => makeSessions(half, MOVED / 2),
      warmUp: ccsess('--version'),
    },
    {
      ...common,
      job: `\`restore\` moves ${sessions} back`,
      ours: restore(whole),
      theirs: [restore(half)],
      before: () => pruned(whole, MOVED),
      beforeTheirs: () => pruned(half, MOVED / 2),
      warmUp: ccsess('--version'),
    },
  ];
}
