// One session of a corpus: its transcript, subagents and spilled tool results, and the truth about them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Entries } from './corpus-entries.mjs';
import { Sink } from './corpus-sink.mjs';
import { text } from './corpus-text.mjs';
import { Random } from './random.mjs';

const VERSIONS = ['2.0.14', '2.0.76', '2.0.76', '2.1.20', '2.1.104', '2.1.197', '2.1.330', '2.1.330'];
const MODELS = [
  'claude-opus-4-6',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-sonnet-4-6',
  'claude-haiku-4-5-20251001',
  'claude-opus-5-5',
];
const BRANCHES = ['main', 'main', 'main', 'feat/index', 'HEAD', ''];
const TOOLS = ['Bash', 'Bash', 'Bash', 'Read', 'Read', 'Edit', 'Grep', 'Write'];
/** Sessions below this size never have the newest version. */
const NEWEST_NEEDS_BYTES = 40_000;

/** Writes a session of the plan below `configDir` and returns its line of `truth.jsonl`. */
export function writeSession(configDir, plan) {
  const random = new Random(`session ${plan.index} ${plan.id}`);
  const drawn = random.pick(VERSIONS);
  const version = drawn === '2.1.330' && plan.bytes < NEWEST_NEEDS_BYTES ? '2.1.197' : drawn;
  const entrypoint = random.chance(0.15) ? 'sdk-cli' : 'cli';
  const facts = { ...plan, version, entrypoint, model: random.pick(MODELS), branch: random.pick(BRANCHES) };

  const folder = join(configDir, 'projects', plan.projectDir);
  const transcript = join(folder, `${plan.id}.jsonl`);
  mkdirSync(folder, { recursive: true });
  const sink = new Sink(transcript);
  const entries = new Entries(sink, random, facts);
  writeConversation(entries, plan.bytes);
  sink.close(entries.nowMs);

  const agents =
    plan.bytes > 150_000 && random.chance(0.2)
      ? Array.from({ length: random.whole(1, 5) }, () => writeAgent(folder, random, facts))
      : [];
  if (plan.bytes > 300_000 && random.chance(0.2)) spill(join(folder, plan.id, 'tool-results'), random);

  const tokens = { ...entries.counts.tokens };
  for (const agent of agents) for (const key of Object.keys(tokens)) tokens[key] += agent.counts.tokens[key];
  return {
    id: plan.id,
    projectDir: plan.projectDir,
    cwd: plan.cwd,
    version,
    kind: entries.hasEntrypoint && entrypoint === 'sdk-cli' ? 'headless' : 'interactive',
    title: entries.title,
    titleSource: entries.titleSource ?? 'prompt',
    createdAt: new Date(plan.startMs).toISOString(),
    lastActivityAt: new Date(Math.max(entries.lastMs, ...agents.map((agent) => agent.lastMs))).toISOString(),
    prompts: entries.counts.prompts,
    turns: entries.counts.turns,
    toolCalls: entries.counts.toolCalls,
    compactions: entries.counts.compactions,
    apiMessages: entries.counts.apiMessages,
    subagents: agents.length,
    tokens,
    lines: sink.lines,
    transcriptBytes: sink.bytes,
  };
}

function writeConversation(entries, target) {
  const { random, sink } = entries;
  const isAgent = entries.agentId !== null;
  // Big sessions have bigger tool results, not only more turns.
  const scale = target < 2e6 ? 1 : target < 2e7 ? 1.6 : 4;
  if (!isAgent && entries.isNew) entries.opening();
  else if (!isAgent && random.chance(0.7)) entries.fileHistory(false);
  if (!isAgent && !entries.isNew && random.chance(0.2)) entries.name('summary');
  for (let first = true; first || sink.bytes < target; first = false) {
    if (!first) entries.pause(5_000, target < 2e6 ? 1_800_000 : 60_000);
    entries.prompt();
    if (first && entries.isNew && !isAgent) writeContext(entries, target);
    writeTurn(entries, target, scale);
    if (isAgent) continue;
    if (entries.isNew) entries.closing();
    else if (random.chance(0.5)) entries.turnDuration();
    if (random.chance(0.3)) entries.fileHistory(true);
    if (random.chance(0.06)) entries.name('custom-title');
    else if (entries.hasEntrypoint && random.chance(0.2)) entries.name('ai-title');
    if (random.chance(0.05)) entries.note();
    if (sink.bytes > 1e6 && random.chance(0.02)) entries.compact();
  }
}

function writeContext(entries, target) {
  for (const [type, bytes] of [
    ['environment', 600],
    ['model', 200],
    ['deferred_tools_delta', 700],
    ['agent_listing_delta', 2_500],
    ['skill_listing', 9_000],
    ['date', 80],
  ])
    entries.attachment(type, bytes);
  if (target < 130_000) return;
  entries.attachment('prompt_snapshot', entries.random.chance(0.6) ? 60_000 : 8_000);
  entries.requests(40_000);
}

function writeTurn(entries, target, scale) {
  const { random, sink } = entries;
  const rounds = 1 + Math.floor(-5 * Math.log(1 - random.next()));
  for (let round = 0; round < rounds && sink.bytes < target; round++) {
    const blocks = [];
    if (random.chance(0.4)) blocks.push({ kind: 'thinking', bytes: random.size(660, 1, 30_000) });
    if (random.chance(0.5)) blocks.push({ kind: 'text', bytes: random.size(240, 1, 20_000) });
    for (let calls = random.pick([1, 1, 1, 2, 3]); calls > 0; calls--)
      blocks.push({ kind: random.pick(TOOLS), bytes: random.size(730, 1.1, 60_000) });
    const calls = entries.answer(blocks);
    if (['2.1.20', '2.1.104'].includes(entries.version) && random.chance(0.3))
      for (let shown = random.whole(1, 3); shown > 0; shown--) entries.progress(calls[0]);
    for (const call of calls) entries.toolResult(call, Math.min(400_000, random.size(2_700, 1.35, 400_000) * scale));
  }
  entries.answer([{ kind: 'text', bytes: random.size(540, 0.9, 20_000) }]);
}

/** Versions before 2.1 kept subagents in the project dir, later ones below the session's own folder. */
function writeAgent(folder, random, facts) {
  const isLegacy = facts.version.startsWith('2.0.');
  const agentId = isLegacy ? random.hex(8) : `a${random.hex(16)}`;
  const path = join(folder, isLegacy ? '' : join(facts.id, 'subagents'), `agent-${agentId}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const sink = new Sink(path);
  const entries = new Entries(sink, random, { ...facts, agentId, startMs: facts.startMs + 5_000 });
  writeConversation(entries, random.size(60_000, 0.8, Math.min(3e6, facts.bytes * 0.1)));
  sink.close(entries.nowMs);
  if (!isLegacy)
    writeFileSync(path.replace(/\.jsonl$/, '.meta.json'), '{"agentType":"Explore","description":"look around"}', {
      mode: 0o600,
    });
  return entries;
}

function spill(folder, random) {
  mkdirSync(folder, { recursive: true });
  for (let files = random.whole(1, 3); files > 0; files--)
    writeFileSync(join(folder, `b${random.hex(8)}.txt`), text(random, random.whole(30_000, 200_000)), { mode: 0o600 });
}
