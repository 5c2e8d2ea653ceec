// The comparisons of sessions-lab.mjs: each returns how many sessions it compared, and the differences.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Desk } from './sessions-desk.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const WORD = /\bz\d+[pa]\d+\b/g;
const wordsOf = (text) => text.match(WORD) ?? [];
/** Joins words, each once: a command is sent both as it was typed and as it was expanded. */
const joined = (list) => [...new Set(list)].join(' ');

/** Sessions that were noted, each with its record; those without one differ. */
function pairs({ truths, sessions }) {
  return [...truths.values()].map((truth) => ({ truth, session: sessions.get(truth.id) }));
}

export async function comparePrompts(context) {
  const differences = [];
  for (const { truth, session } of pairs(context)) {
    if (session === undefined) differences.push({ kind: truth.kind, text: `${truth.id} is not listed` });
    else if (session.prompts !== truth.prompts)
      differences.push({ kind: truth.kind, text: `${session.prompts}, sent ${truth.prompts} (${truth.id})` });
  }
  return { count: context.truths.size, differences };
}

/** Claude Code's last printed total; of sessions on the screen, the total in their transcript. */
export async function compareCosts(context) {
  const known = pairs(context).flatMap(({ truth, session }) => {
    const cost = truth.cost ?? session?.reportedCostUsd ?? null;
    return session === undefined || cost === null ? [] : [{ truth, session, cost }];
  });
  // `/branch` starts at 0, so that its total is of its own part.
  const costOf = ({ truth, session }) => (truth.isOwnCost ? session.own.costUsd : session.costUsd) ?? NaN;
  const wrong = known.filter((pair) => !(Math.abs(costOf(pair) - pair.cost) < 1e-9));
  return {
    count: known.length,
    differences: wrong.map(({ truth, session, cost }) => ({
      kind: truth.kind,
      text: `${costOf({ truth, session })}, printed ${cost}, reported ${session.reportedCostUsd}`,
    })),
  };
}

/** Copies the config dir's sessions into one project dir of another, where the picker shows all of them. */
function pickerCopy({ lab, sessions, welcome }) {
  const folder = join(lab.folder, 'pick');
  const configDir = join(lab.folder, 'pick-config');
  mkdirSync(folder);
  welcome(configDir, [folder]);
  const projectDir = join(configDir, 'projects', folder.replaceAll(/[^A-Za-z0-9]/g, '-'));
  for (const { id, transcript } of sessions.values()) {
    const lines = readFileSync(transcript, 'utf8').split('\n');
    const shown = lines.map((line) =>
      line
        .replaceAll(/"entrypoint":"[^"]*"/g, '"entrypoint":"cli"')
        .replaceAll(/"cwd":"[^"]*"/g, `"cwd":${JSON.stringify(folder)}`)
        .replaceAll(/"sessionKind":"[^"]*",?/g, ''),
    );
    mkdirSync(projectDir, { recursive: true });
    writeFileSync(
      join(projectDir, `${id}.jsonl`),
      shown.filter((line) => !line.includes('"type":"worktree-state"')).join('\n'),
    );
    const name = join(dirname(transcript), id, 'custom-title.json');
    if (existsSync(name)) cpSync(name, join(projectDir, id, 'custom-title.json'));
  }
  return { folder, configDir };
}

export async function compareTitles(context) {
  const { lab, truths } = context;
  const { folder, configDir } = pickerCopy(context);
  const records = await lab.ccsess({ configDir }, 'list', '-a', '--json');
  const desk = new Desk(
    { ...lab, run: (request) => lab.run({ ...request, configDir, cwd: folder }) },
    'pick',
    'pick',
    new Map(),
  );
  let shown;
  try {
    const screen = await desk.screen(['--resume'], { rows: 4 * records.length + 60 });
    await setTimeout(3000);
    shown = await screen.capture();
  } finally {
    await desk.close();
  }
  if (process.env.CCSESS_LAB_SCREEN) writeFileSync(process.env.CCSESS_LAB_SCREEN, shown);
  const rows = shown.split('\n');
  const titles = rows.flatMap((row, at) =>
    / ago · | ago$|^ {2,}\d+ \w+ ago|^ {2,}now · /.test(rows[at + 1] ?? '')
      ? [row.replace(/^[❯ ]+/, '').trimEnd()]
      : [],
  );
  const left = [...titles];
  const differences = [];
  for (const { id, title } of records) {
    // A terminal shows no characters without a width, and the picker a placeholder for a session without a name.
    const at = left.indexOf(title?.replaceAll(/[\u200b\u00ad]/g, '').trimEnd() ?? '(session)');
    if (at >= 0) left.splice(at, 1);
    else differences.push({ kind: truths.get(id)?.kind ?? 'unknown', text: JSON.stringify(title) });
  }
  const more = left.filter((row) => row !== '(session)');
  if (more.length > 0) differences.push({ kind: 'rows of the picker', text: JSON.stringify(more) });
  return { count: titles.length, differences };
}

/** Files of a folder and below, as paths. */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Gives the sessions of a copy ages around the period and lets Claude Code clean up. */
export async function compareCleanup({ lab, sessions, truths }) {
  const configDir = join(lab.folder, 'old-config');
  cpSync(lab.configDir, configDir, { recursive: true });
  const ages = [1, 29, 29.95, 30.05, 31, 90];
  for (const [at, { id, transcript }] of [...sessions.values()].entries()) {
    const copy = transcript.replace(lab.configDir, configDir);
    const seconds = (Date.now() - ages[at % ages.length] * DAY_MS) / 1000;
    const side = join(dirname(copy), id);
    for (const path of [copy, ...(existsSync(side) ? filesOf(side) : [])]) utimesSync(path, seconds, seconds);
  }
  const before = await lab.ccsess({ configDir }, 'list', '-a', '--json');
  const marker = join(configDir, '.last-cleanup');
  const script = [
    'rm -f "$1"; marker=$1; shift; "$@" & claude=$!',
    'for (( tries = 0; tries < 150; tries++ )); do [ -e "$marker" ] && break; sleep 0.2; done',
    'sleep 1; kill $claude; wait $claude',
  ].join('\n');
  const prompt = `Wait\nscript: ${JSON.stringify([{ text: 'done', delayMs: 60_000 }])}`;
  const args = ['-c', script, 'bash', marker, lab.claude, '-p', prompt];
  await lab.run({ program: 'bash', args, cwd: lab.folder, configDir });
  if (!existsSync(marker)) return { count: 0, differences: [{ kind: 'cleanup', text: 'did not run' }] };
  const differences = before.flatMap(({ id, transcript, expiresAt }) => {
    const isKept = existsSync(transcript);
    const isDue = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
    return isKept !== isDue
      ? []
      : [
          {
            kind: truths.get(id)?.kind ?? 'unknown',
            text: `${basename(transcript)} expires ${expiresAt}, ${isKept ? 'kept' : 'deleted'}`,
          },
        ];
  });
  return { count: before.length, differences };
}

const MAX_ROWS = 30;

/** The prompts that `/rewind` lists after a resume on the screen. */
export async function compareRows({ lab, truths, sessions, inParallel }) {
  const chosen = new Map();
  for (const { id, kind } of truths.values()) {
    const group = kind.replace(/ (\d+|claude-.*)$/, '');
    if (sessions.get(id)?.prompts > 0 && !group.startsWith('title') && !chosen.has(group))
      chosen.set(group, { id, kind });
  }
  const picked = [...chosen.values()].filter((_, at) => at % Math.ceil(chosen.size / MAX_ROWS) === 0);
  const differences = [];
  await inParallel(picked, async ({ id, kind }) => {
    const { cwd } = truths.get(id);
    const desk = new Desk(
      { ...lab, run: (request) => lab.run({ ...request, cwd }) },
      `rows-${id.slice(0, 4)}`,
      kind,
      new Map(),
    );
    try {
      const screen = await desk.screen(['--resume', id, '--fork-session']);
      const text = await screen.send('/rewind', /Restore the code and|Nothing to rewind/);
      await setTimeout(1000);
      const rows = (await screen.capture()).split(/Restore the code and[^\n]*/).at(-1);
      await screen.close();
      const shown = await shownOf(lab, id);
      const expected = shown.filter(({ kind: what, prompt }) => what === 'prompt' && prompt !== null).map(firstWord);
      const found = rows.split('\n').flatMap((row) => wordsOf(row).slice(0, 1));
      if (joined(found) !== joined(expected.filter((word) => word !== null)))
        differences.push({
          kind,
          text: `ccsess ${joined(expected)}, Claude Code ${joined(found)} ${text === '' ? '' : id}`,
        });
    } catch (error) {
      differences.push({ kind, text: error.message });
    } finally {
      await desk.close();
    }
  });
  return { count: picked.length, differences };
}

const firstWord = ({ text }) => wordsOf(text)[0] ?? null;

async function shownOf(lab, id) {
  return (await lab.ccsess('show', id, '--json')).messages;
}

/** The words of the prompts and answers that are sent when sessions are resumed, by id; null where none is sent. */
async function sentWords({ lab, inParallel }, sessions) {
  const runs = new Map();
  await inParallel(sessions, async ({ id, cwd }) => {
    const args = ['-p', `And on ${id}`, '--resume', id, '--fork-session', '--no-session-persistence'];
    runs.set(id, await lab.run({ program: lab.claude, args, cwd }));
  });
  const asked = await lab.asked();
  return new Map(
    sessions.map(({ id }) => {
      const end = `And on ${id}`;
      const isRequest = ({ messages }) => messages.some(({ role, text }) => role === 'user' && text.includes(end));
      const words = asked.find(isRequest)?.messages.flatMap(({ text }) => wordsOf(text)) ?? null;
      return [id, { words, output: `${runs.get(id).stdout}${runs.get(id).stderr}`.slice(0, 200) }];
    }),
  );
}

/** Words of the prompts and answers that ccsess shows. */
async function shownWords(lab, id) {
  const messages = (await shownOf(lab, id)).filter(({ kind }) => ['prompt', 'answer'].includes(kind));
  return messages.flatMap(({ text }) => wordsOf(text));
}

async function compareSent(context, sessions) {
  const sent = await sentWords(context, sessions);
  const differences = [];
  for (const { id, kind } of sessions) {
    const { words, output } = sent.get(id);
    const shown = await shownWords(context.lab, id);
    if (words === null) differences.push({ kind, text: `not resumed: ${output}` });
    else if (joined(words) !== joined(shown))
      differences.push({ kind, text: `ccsess ${joined(shown)}, Claude Code ${joined(words)}` });
  }
  return differences;
}

/** Messages that Claude Code sends when a session is resumed. */
export async function compareBranches(context) {
  const sessions = [...context.truths.values()];
  return { count: sessions.length, differences: await compareSent(context, sessions) };
}

const MAX_FORKED = 20;

/** Forks at each prompt of some sessions: they hold what was shown up to there, and that is sent. */
export async function compareForks(context) {
  const { lab, truths, sessions } = context;
  const forked = [...truths.values()].filter(({ id }) => sessions.get(id)?.prompts > 1);
  const step = Math.max(1, Math.floor(forked.length / MAX_FORKED));
  const forks = [];
  const differences = [];
  for (const { id, kind, cwd } of forked.filter((_, at) => at % step === 0).slice(0, MAX_FORKED)) {
    const messages = await shownOf(lab, id);
    const last = Math.max(0, ...messages.map(({ prompt }) => prompt ?? 0));
    for (let at = 1; at <= last; at++) {
      const { id: fork } = await lab.ccsess({ cwd }, 'fork', id, '--at', String(at), '--cwd', cwd, '--json');
      forks.push({ id: fork, kind: `${kind}, prompt ${at}`, cwd });
      const next = messages.findIndex(({ kind: what, prompt }) => what === 'prompt' && prompt === at + 1);
      const held = (next < 0 ? messages : messages.slice(0, next)).filter((each) =>
        ['prompt', 'answer'].includes(each.kind),
      );
      const expected = joined(held.flatMap(({ text }) => wordsOf(text)));
      const found = joined(await shownWords(lab, fork));
      if (found !== expected) differences.push({ kind, text: `the fork at ${at} shows ${found}, not ${expected}` });
    }
  }
  return { count: forks.length, differences: [...differences, ...(await compareSent(context, forks))] };
}
