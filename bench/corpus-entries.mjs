// The entries of one transcript in the forms of Claude Code 2.0.14 to 2.1.330 (docs/storage.md), counted as they are
// written.
import { base64, phrase, text } from './corpus-text.mjs';

const INPUTS = {
  Bash: (random, bytes) => ['{"command":"', text(random, Math.max(40, bytes >> 2)), '","description":"Run it"}'],
  Read: (random, bytes, file) => [`{"file_path":"${file}","offset":${bytes}}`],
  Edit: (random, bytes, file) => [
    `{"file_path":"${file}","old_string":"`,
    text(random, bytes >> 1),
    '","new_string":"',
    text(random, bytes >> 1),
    '","replace_all":false}',
  ],
  Write: (random, bytes, file) => [`{"file_path":"${file}","content":"`, text(random, bytes), '"}'],
  Grep: (random, bytes, file) => [`{"pattern":"${phrase(random, 1, 2)}","path":"${file}","output_mode":"content"}`],
};

/** `toolUseResult`: most tools keep a second, structured copy of the result that the model gets. */
const STRUCTURED = {
  Bash: (body) => ['{"stdout":"', body, '","stderr":"","interrupted":false,"isImage":false}'],
  Read: (body, file) => [
    `{"type":"text","file":{"filePath":"${file}","content":"`,
    body,
    '","numLines":12,"startLine":1,"totalLines":12}}',
  ],
  Edit: (body, file) => [
    `{"filePath":"${file}","oldString":"a","newString":"b","originalFile":"`,
    body,
    '","structuredPatch":[{"oldStart":1,"oldLines":1,"newStart":1,"newLines":1,"lines":["-a","+b"]}],' +
      '"userModified":false,"replaceAll":false}',
  ],
  Write: (body, file) => [`{"type":"create","filePath":"${file}","content":"`, body, '","structuredPatch":[]}'],
  Grep: (body) => ['{"mode":"content","numFiles":0,"filenames":[],"content":"', body, '","numLines":9}'],
};

const olderThan = (version, other) => version.localeCompare(other, 'en', { numeric: true }) < 0;

/** Writes entries to a sink and counts what an exact reader must find in them. */
export class Entries {
  counts = {
    prompts: 0,
    turns: 0,
    apiMessages: 0,
    toolCalls: 0,
    compactions: 0,
    tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
  title = null;
  titleSource = null;
  lastPrompt = '';

  constructor(sink, random, { id, cwd, version, model, entrypoint, branch, startMs, agentId = null }) {
    Object.assign(this, { sink, random, id, cwd, version, model, startMs, agentId });
    this.nowMs = startMs;
    this.parent = null;
    this.isNew = !olderThan(version, '2.1.300');
    this.hasEntrypoint = !olderThan(version, '2.1.0');
    this.file = `${cwd}/src/main.ts`;
    this.common =
      `"userType":"external",${this.hasEntrypoint ? `"entrypoint":"${entrypoint}",` : ''}"cwd":"${cwd}",` +
      `"sessionId":"${id}","version":"${version}","gitBranch":"${branch}"${this.#slug()}`;
    this.side = `"isSidechain":${agentId !== null}${agentId === null ? '' : `,"agentId":"${agentId}"`}`;
  }

  /** The time of the entry being written, which is the newest so far. */
  get time() {
    this.lastMs = this.nowMs;
    return new Date(this.nowMs).toISOString();
  }

  pause(least, most) {
    this.nowMs += this.random.whole(least, most);
  }

  prompt() {
    this.counts.prompts++;
    this.counts.turns++;
    this.lastPrompt = phrase(this.random, 3, 12);
    const more = this.random.chance(0.4) ? text(this.random, this.random.size(200, 1.3, 20_000)) : '';
    const origin = this.isNew ? ',"permissionMode":"default","promptSource":"typed"' : '';
    this.#user(
      ['"', this.lastPrompt, '\\n', more, '"'],
      origin,
      this.hasEntrypoint ? `"promptId":"${this.random.uuid()}",` : '',
    );
  }

  /** Writes a line that no person wrote: a hint for the model, an echo of a command, an interruption. */
  note() {
    const [content, meta] = this.random.pick([
      ['Caveat: what follows was printed by local commands.', ',"isMeta":true'],
      [
        '<command-name>/context</command-name>\\n<command-message>context</command-message>\\n' +
          '<command-args></command-args>',
        '',
      ],
      ['<local-command-stdout>done</local-command-stdout>', ''],
    ]);
    this.#user([`"${content}"`], meta);
  }

  /**
   * Writes a response, one line per block, each with its id and usage. Returns the tools it calls as `[{ id, name }]`.
   */
  answer(blocks) {
    const { random, counts } = this;
    const usage = {
      input: random.whole(1, 60),
      output: random.whole(20, 3_000),
      cacheRead: random.whole(5_000, 170_000),
      cacheWrite: random.whole(0, 9_000),
    };
    const [messageId, requestId] = [random.token('msg_01'), random.token('req_01')];
    counts.apiMessages++;
    for (const key of Object.keys(usage)) counts.tokens[key] += usage[key];
    const calls = [];
    for (const [index, { kind, bytes }] of blocks.entries()) {
      const isLast = index === blocks.length - 1;
      // Old versions wrote a count at each line; only the last line had the total.
      const output = isLast || this.isNew ? usage.output : Math.min(usage.output, random.whole(1, 8));
      const head = `"id":"${messageId}","type":"message","role":"assistant","model":"${this.model}","content":[`;
      const stop = isLast || this.isNew ? `"${blocks.at(-1).kind in INPUTS ? 'tool_use' : 'end_turn'}"` : 'null';
      const tail = `],"stop_reason":${stop},"stop_sequence":null,${this.#usage(usage, output)}}`;
      const block = this.#block(kind, bytes, calls);
      const link = this.#link();
      this.pause(200, 6_000);
      const end = `"type":"assistant","uuid":"${this.parent}","timestamp":"${this.time}"`;
      if (this.isNew)
        this.sink.line(
          `{${link},${this.side},"message":{${head}`,
          ...block,
          `${tail},"apiBlockIndex":${index},"requestId":"${requestId}",${end},"effort":"medium",${this.common}}`,
        );
      else
        this.sink.line(
          `{${link},${this.side},${this.common},"message":{${head}`,
          ...block,
          `${tail},"requestId":"${requestId}",${end}}`,
        );
    }
    counts.toolCalls += calls.length;
    return calls;
  }

  toolResult({ id, name }, bytes) {
    if (this.agentId === null) this.counts.turns++;
    const source = this.parent;
    const link = this.#link();
    this.pause(20, 20_000);
    const image = this.random.chance(0.01) ? base64(this.random, Math.max(20_000, bytes)) : null;
    const body = image ?? text(this.random, bytes);
    const content =
      image === null
        ? ['"', body, '"']
        : ['[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"', body, '"}}]'];
    const structured =
      image === null
        ? STRUCTURED[name](body, this.file)
        : ['{"type":"image","file":{"base64":"', body, '","type":"image/png"}}'];
    this.sink.line(
      `{${link},${this.side},"type":"user","message":{"role":"user","content":[{"tool_use_id":"${id}",` +
        '"type":"tool_result","content":',
      ...content,
      `}]},"uuid":"${this.parent}","timestamp":"${this.time}","toolUseResult":`,
      ...structured,
      `,"sourceToolAssistantUUID":"${source}",${this.common}}`,
    );
  }

  attachment(type, bytes) {
    const link = this.#link();
    this.sink.line(
      `{${link},${this.side},"attachment":{"type":"${type}","content":"`,
      text(this.random, bytes),
      `"},"type":"attachment","uuid":"${this.parent}","timestamp":"${this.time}",${this.common}}`,
    );
  }

  /** Writes the output so far of a running tool, with nested messages (2.1.20 to 2.1.104 kept them). */
  progress(call) {
    const link = this.#link();
    const nested = this.random.chance(0.5)
      ? [
          '{"type":"agent_progress","message":{"type":"assistant","message":{"id":"msg_nested",' +
            '"role":"assistant","usage":{"input_tokens":9,"output_tokens":9},"content":[{"type":"text","text":"',
          text(this.random, 300),
          `"}]},"uuid":"${this.random.uuid()}","timestamp":"${this.time}"},"prompt":"look"}`,
        ]
      : ['{"type":"bash_progress","output":"', text(this.random, 400), '","elapsedTimeSeconds":2,"totalLines":9}'];
    this.sink.line(
      `{${link},${this.side},${this.common},"type":"progress","data":`,
      ...nested,
      `,"toolUseID":"${this.random.token('bash-')}","parentToolUseID":"${call.id}","uuid":"${this.parent}",` +
        `"timestamp":"${this.time}"}`,
    );
  }

  turnDuration() {
    const link = this.#link();
    this.sink.line(
      `{${link},${this.side},${this.common},"type":"system","subtype":"turn_duration",` +
        `"durationMs":${this.random.whole(500, 90_000)},"timestamp":"${this.time}","uuid":"${this.parent}",` +
        '"isMeta":false}',
    );
  }

  /** Writes a compaction: a new root, then a summary. */
  compact() {
    this.counts.compactions++;
    const logical = this.parent;
    this.parent = null;
    const link = this.#link();
    this.sink.line(
      `{${link},"logicalParentUuid":"${logical}",${this.side},${this.common},"type":"system",` +
        '"subtype":"compact_boundary","content":"Conversation ' +
        `compacted","isMeta":false,"timestamp":"${this.time}","uuid":"${this.parent}","level":"info",` +
        '"compactMetadata":{"trigger":"auto","preTokens":160000}}',
    );
    this.#user(
      ['"This session continues an earlier one. Summary:\\n', text(this.random, 6_000), '"'],
      ',"isVisibleInTranscriptOnly":true,"isCompactSummary":true',
    );
  }

  fileHistory(isUpdate) {
    const id = this.parent ?? this.random.uuid();
    this.sink.line(
      `{"type":"file-history-snapshot","messageId":"${id}","snapshot":{"messageId":"${id}",` +
        `"trackedFileBackups":{"src/main.ts":{"backupFileName":"${this.random.hex(16)}@v1","version":1,` +
        `"backupTime":"${this.time}"}},"timestamp":"${this.time}"},"isSnapshotUpdate":${isUpdate}}`,
    );
  }

  name(type) {
    const title = phrase(this.random, 3, 7);
    const key = { 'custom-title': 'customTitle', 'ai-title': 'aiTitle', summary: 'summary' }[type];
    this.sink.line(
      `{"type":"${type}","${key}":"${title}",` +
        `${type === 'summary' ? `"leafUuid":"${this.random.uuid()}"` : `"sessionId":"${this.id}"`}}`,
    );
    // A summary names the last message of another conversation, so it gives this one no title.
    if (type === 'summary') return;
    const source = { 'custom-title': 'custom', 'ai-title': 'ai' }[type];
    const strength = ['ai', 'custom'];
    if (strength.indexOf(source) >= strength.indexOf(this.titleSource))
      [this.title, this.titleSource] = [title, source];
  }

  /** Writes the bookkeeping with which the newest version starts a file. */
  opening() {
    this.sink.line(`{"type":"mode","mode":"normal","sessionId":"${this.id}"}`);
    this.sink.line(
      `{"type":"queue-operation","operation":"enqueue","timestamp":"${this.time}","sessionId":"${this.id}",` +
        `"content":"${phrase(this.random, 3, 9)}"}`,
    );
    this.sink.line(
      `{"type":"queue-operation","operation":"dequeue","timestamp":"${this.time}","sessionId":"${this.id}"}`,
    );
  }

  /** Writes the bookkeeping of requests, which is big and which no reader of sessions needs. */
  requests(bytes) {
    this.sink.line(
      `{"type":"api-request-shape","sessionId":"${this.id}","shapeHash":"${this.random.hex(64)}",` +
        `"timestamp":"${this.time}","version":"${this.version}","shape":{"system":[{"type":"text","text":"`,
      text(this.random, bytes),
      '"}]}}',
    );
    this.sink.line(
      `{"type":"api-request-blob","sessionId":"${this.id}","hash":"${this.random.hex(64)}",` +
        '"message":{"role":"user","content":"',
      text(this.random, bytes >> 2),
      '"}}',
    );
  }

  /** Writes the entries that the newest version adds after each turn. */
  closing() {
    const { input, output, cacheRead, cacheWrite } = this.counts.tokens;
    this.sink.line(
      `{"type":"last-prompt","lastPrompt":"${this.lastPrompt}","leafUuid":"${this.parent}","sessionId":"${this.id}"}`,
    );
    this.sink.line(
      `{"type":"cost-state","sessionId":"${this.id}","totalCostUSD":${(output / 4e4).toFixed(6)},` +
        `"totalAPIDuration":1000,"totalDuration":${this.nowMs - this.startMs},"startTime":${this.startMs},` +
        `"modelUsage":{"${this.model}":{"inputTokens":${input},"outputTokens":${output},` +
        `"cacheReadInputTokens":${cacheRead},"cacheCreationInputTokens":${cacheWrite},"webSearchRequests":0,` +
        `"costUSD":${(output / 4e4).toFixed(6)}}},"hasUnknownModelCost":false}`,
    );
  }

  #user(content, after = '', before = '') {
    const link = this.#link();
    this.sink.line(
      `{${link},${this.side},${before}"type":"user","message":{"role":"user","content":`,
      ...content,
      `}${after},"uuid":"${this.parent}","timestamp":"${this.time}",${this.common}}`,
    );
    this.pause(300, 4_000);
  }

  /** Returns the parent of the next chain entry, and makes that entry the newest one. */
  #link() {
    const link = `"parentUuid":${this.parent === null ? 'null' : `"${this.parent}"`}`;
    this.parent = this.random.uuid();
    return link;
  }

  #block(kind, bytes, calls) {
    const { random } = this;
    if (kind === 'text') return ['{"type":"text","text":"', text(random, bytes), '"}'];
    if (kind === 'thinking')
      return [
        '{"type":"thinking","thinking":"',
        text(random, bytes),
        '","signature":"',
        base64(random, random.whole(300, 2_000)),
        '"}',
      ];
    const call = { id: random.token('toolu_01'), name: kind };
    calls.push(call);
    return [
      `{"type":"tool_use","id":"${call.id}","name":"${kind}","input":`,
      ...INPUTS[kind](random, bytes, this.file),
      '}',
    ];
  }

  #usage({ input, cacheRead, cacheWrite }, output) {
    const more = this.isNew
      ? ',"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"inference_geo":"","iterations":[],' +
        '"speed":"standard"'
      : '';
    return (
      `"usage":{"input_tokens":${input},"cache_creation_input_tokens":${cacheWrite},` +
      `"cache_read_input_tokens":${cacheRead},"output_tokens":${output},"service_tier":"standard",` +
      `"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":${cacheWrite}}${more}}`
    );
  }

  #slug() {
    return !olderThan(this.version, '2.0.50') && olderThan(this.version, '2.1.30')
      ? ',"slug":"calm-drifting-heron"'
      : '';
  }
}
