// Desks, at which the kinds of sessions (session-kinds.mjs, session-screens.mjs) are made: a folder to work in, and
// the ways to start the real Claude Code there. A desk notes what was sent to each session and what Claude Code said
// it cost.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const KEY_MS = 500;
const SCREEN_MS = 60_000;

// Shell script: runs the program in its last arguments, and sends it `count` lines, each after the turn before has
// ended or after a pause.
const FEED = `out=$1 pause=$2 count=$3; shift 3; lines=("\${@:1:count}"); shift "$count"; : >"$out"
feed() { sent=0
  for line in "\${lines[@]}"; do printf '%s\\n' "$line"; sent=$((sent + 1))
    if [ "$pause" != 0 ]; then sleep "$pause"; continue; fi
    for (( tries = 0; tries < 600; tries++ )); do
      [ "$(grep -c '"type":"result"' "$out")" -ge "$sent" ] && break; sleep 0.1; done
  done; }
feed | "$@" >"$out"; code=$?; cat "$out"; exit $code`;

// Shell script: kills the program once the session's transcript has an entry of this type with this text.
const KILL = `id=$1 text=$2 type=$3; shift 3; "$@" & claude=$!
for (( tries = 0; tries < 300; tries++ )); do
  grep -hs -- "$text" "$CLAUDE_CONFIG_DIR/projects/"*"/$id.jsonl" | grep -q "type.:.$type" && break; sleep 0.1; done
sleep 0.3; kill -9 $claude; wait $claude; true`;

export class Desk {
  #lab;
  #words = 0;
  /** Functions that close the open screens. */
  #open = new Set();

  /** `truths` maps ids to what was sent; `kind` names what is made here. */
  constructor(lab, number, kind, truths) {
    this.#lab = lab;
    this.number = number;
    this.kind = kind;
    this.truths = truths;
    this.claude = lab.claude;
    this.work = join(lab.folder, 'work', String(number));
    mkdirSync(this.work, { recursive: true });
  }

  /** A word that occurs nowhere else. */
  word(letter = 'p') {
    return `z${this.number}${letter}${++this.#words}`;
  }

  file(path, text) {
    const target = join(this.work, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  }

  /** A prompt with a word of its own that scripts its answers; the last step has a word, too. */
  prompt(...steps) {
    const all = steps.length === 0 ? [{}] : steps;
    const script = all.map((step, at) => (at === all.length - 1 ? { text: this.word('a'), ...step } : step));
    return `Do ${this.word()}\nscript: ${JSON.stringify(script)}`;
  }

  /** A prompt on one line, as the screen needs it; `answer` is the word to wait for. */
  typed(step = {}) {
    const answer = this.word('a');
    return { text: `script: ${JSON.stringify([{ p: this.word(), text: answer, ...step }])}`, answer };
  }

  /** Notes what a session was sent; `from` is the session it is a fork of. */
  note(id, { prompts = 0, cost, turns = 0, from, ...rest }) {
    const truth = this.truths.get(id) ?? {
      ...{ id, kind: this.kind, cost: null, turns: 0, cwd: this.work },
      prompts: this.truths.get(from)?.prompts ?? 0,
    };
    this.truths.set(id, {
      ...truth,
      ...rest,
      prompts: truth.prompts + prompts,
      turns: truth.turns + turns,
      cost: cost === undefined ? truth.cost : cost,
    });
    return id;
  }

  run(program, args, { cwd = this.work, env = {} } = {}) {
    return this.#lab.run({ program, args, cwd, env });
  }

  /** One prompt by `claude -p`; returns the result that it printed. */
  async print(text, { flags = [], prompts = 1, from, ...options } = {}) {
    const words = ['-p', text, '--output-format', 'json', '--allowedTools', 'Bash,Edit,Write,Read,Agent', ...flags];
    const run = await this.run(this.#lab.claude, words, options);
    const line = run.stdout.split('\n').find((each) => each.startsWith('{'));
    if (line === undefined) throw new Error(`claude ${flags.join(' ')}: ${run.stdout}${run.stderr}`.slice(0, 500));
    const result = JSON.parse(line);
    this.note(result.session_id, { prompts, cost: result.total_cost_usd, turns: result.num_turns, from });
    return result;
  }

  /** The uuid of the last entry of the answer to a prompt of a session, by the number of the prompt. */
  async answerOf(id, number) {
    const { messages } = await this.#lab.ccsess('show', id, '--json');
    const next = messages.findIndex(({ kind, prompt }) => kind === 'prompt' && prompt === number + 1);
    return messages.slice(0, next).findLast(({ kind }) => kind === 'answer').uuid;
  }

  list() {
    return this.#lab.ccsess('list', '-a', '--json');
  }

  /** Several messages to one `claude -p`, each after the turn before has ended, or after some seconds. */
  async turns(messages, { flags = [], prompts = messages.length, pause = 0 } = {}) {
    const line = (content) => JSON.stringify({ type: 'user', message: { role: 'user', content } });
    const out = join(this.#lab.folder, `out-${randomUUID()}`);
    const claude = [this.#lab.claude, '-p', '--input-format', 'stream-json', '--output-format', 'stream-json'];
    const words = ['-c', FEED, 'bash', out, String(pause), String(messages.length), ...messages.map(line), ...claude];
    const run = await this.run('bash', [...words, '--verbose', '--allowedTools', 'Bash', ...flags]);
    const results = run.stdout
      .split('\n')
      .filter((each) => each.startsWith('{"') && each.includes('"type":"result"'))
      .map((each) => JSON.parse(each));
    if (results.length === 0) throw new Error(`${run.stdout.slice(-500)}${run.stderr}`);
    const turns = results.reduce((sum, { num_turns }) => sum + num_turns, 0);
    return this.note(results.at(-1).session_id, { prompts, cost: results.at(-1).total_cost_usd, turns });
  }

  /** A prompt whose process is killed once a `user` or `assistant` entry has `text`; returns the id. */
  async killed(prompt, text, { type = 'user', flags = [], prompts = 1, id = randomUUID() } = {}) {
    const claude = [this.#lab.claude, '-p', prompt, '--allowedTools', 'Bash', ...flags];
    const start = flags.includes('--resume') ? [] : ['--session-id', id];
    await this.run('bash', ['-c', KILL, 'bash', id, text, type, ...claude, ...start]);
    return this.note(id, { prompts, cost: null });
  }

  /** Closes the screens that are open, of kinds that could not be made. */
  async close() {
    for (const close of this.#open) await close();
  }

  /** Starts `claude` on a terminal. */
  async screen(args = [], { env = {}, rows = 100 } = {}) {
    const server = ['-L', `desk-${this.number}-${randomUUID().slice(0, 4)}`, '-f', '/dev/null'];
    const tmux = (...words) => this.run('tmux', [...server, ...words], { env: { TERM: 'xterm-256color', ...env } });
    const quoted = [this.#lab.claude, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    await tmux(
      'new-session',
      '-d',
      '-s',
      'main',
      '-x',
      '300',
      '-y',
      String(rows),
      `${quoted}; echo "EXIT=$?"; sleep 600`,
    );
    const capture = async () => (await tmux('capture-pane', '-p', '-t', 'main')).stdout;
    const press = async (...keys) => {
      await setTimeout(KEY_MS);
      await tmux('send-keys', '-t', 'main', ...keys);
    };
    const shows = async (pattern) => {
      for (const until = Date.now() + SCREEN_MS; ; await setTimeout(100)) {
        const screen = await capture();
        if (pattern.test(screen)) return screen;
        if (Date.now() > until) throw new Error(`the screen never showed ${pattern}:\n${screen.trim().slice(-1500)}`);
      }
    };
    const type = async (text) => {
      await setTimeout(KEY_MS);
      await tmux('send-keys', '-t', 'main', '-l', '--', text);
    };
    const close = () => {
      this.#open.delete(close);
      return tmux('kill-server');
    };
    this.#open.add(close);
    const send = async (text, pattern) => {
      await type(text);
      await press('Enter');
      return pattern === undefined ? '' : shows(pattern);
    };
    const ask = ({ text, answer }) => send(text, new RegExp(`● ${answer}`));
    const leave = async () => {
      await send('/exit', /EXIT=/);
      await close();
    };
    await shows(/❯/);
    return { capture, press, shows, type, send, ask, close, leave, tmux };
  }
}
