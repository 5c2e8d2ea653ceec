import fc from 'fast-check';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    'plain',
    'with "quotes" and \\ and \n',
    '<command-name>/init</command-name>',
    '[Request interrupted by user]',
    '\u2028\ud800',
    '{"type":"user"}',
  ),
);
const uuid = fc.integer({ min: 0, max: 30 }).map((n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
const time = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  fc.constantFrom('2026-02-29T00:00:00.000Z', '2026-11-23T06:44:51Z', '2026-11-23T06:44:51.208+02:00', 'yesterday', ''),
);
const count = fc.oneof(
  { weight: 8, arbitrary: fc.nat(100_000) },
  fc.constantFrom(-1, 1.5, 1e30, null, 'many', 12345678901234567),
);
/** A part of a response: the answer itself, or another model's advice. */
const iteration = fc.record(
  {
    type: fc.constantFrom('message', 'advisor_message', 'compaction', 7),
    model: fc.constantFrom('claude-c', 'claude-opus-5-5', '', null),
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation: fc.record({ ephemeral_1h_input_tokens: count }),
  },
  { requiredKeys: [] },
);
/** The usage that the API bills by, in any shape a gateway may give it. */
export const anyUsage = fc.record(
  {
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    cache_creation: fc.oneof(
      fc.record(
        { ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count, web_search_requests: count },
        { requiredKeys: [] },
      ),
      fc.constantFrom(null, 7, []),
    ),
    server_tool_use: fc.oneof(
      fc.record(
        { web_search_requests: count, ephemeral_1h_input_tokens: count, input_tokens: count },
        { requiredKeys: [] },
      ),
      fc.constantFrom(null, 'none'),
    ),
    service_tier: fc.constantFrom('standard', 'standard', null, 'priority', 'batch', 'default', 3),
    speed: fc.constantFrom('standard', 'standard', 'fast', null),
    inference_geo: fc.constantFrom('', '', 'not_available', 'us', 'us ', null, 7),
    iterations: fc.oneof(fc.constantFrom([], [], null, 'advisor_message'), fc.array(iteration, { maxLength: 3 })),
    ephemeral_1h_input_tokens: count,
  },
  { requiredKeys: [] },
);
const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('tool_use'), id: text, name: text, input: fc.dictionary(text, text) }),
  fc.record({ type: fc.constant('tool_result'), tool_use_id: text, content: text }),
  fc.record({ type: fc.constantFrom('image', 'thinking', 'odd') }),
  fc.constant(null),
);
const content = fc.oneof(text, fc.array(block, { maxLength: 4 }), fc.constant(null));
const typedContent = fc.constantFrom(
  '<command-name>/init</command-name>',
  '<bash-input>ls</bash-input>',
  `${'a'.repeat(999)}\u{1f600}b`,
  'b'.repeat(1001),
  '',
);
/** Members that decide what a user entry is. */
const decisive = {
  origin: fc.constantFrom({ kind: 'task-notification' }, { kind: 'human' }, null, 'human'),
  turnOrigin: fc.constantFrom('human', 'sdk', 'task_notification', null, 1),
  toolUseResult: fc.constantFrom(null, 'done', {}),
  content: fc.oneof(text, fc.array(block, { maxLength: 2 })),
};
const common = {
  uuid,
  parentUuid: fc.oneof(uuid, fc.constant(null)),
  timestamp: time,
  isSidechain: fc.boolean(),
  isMeta: fc.boolean(),
  cwd: fc.constantFrom('/home/dev/app', '/home/dev/app/ä', '/tmp/"x"'),
  version: fc.constantFrom('2.0.14', '2.1.330'),
  gitBranch: fc.constantFrom('main', '', 'feat/é'),
  entrypoint: fc.constantFrom('cli', 'sdk-cli'),
  sessionKind: fc.constantFrom('bg', 'interactive'),
  requestSessionId: fc.constantFrom('self', '11111111-1111-4111-8111-111111111111'),
  forkedFrom: fc.record({ sessionId: uuid, messageUuid: uuid }),
};

/** Any entry, in the shapes Claude Code writes and in some it does not. */
export const anyEntry = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        type: fc.constant('user'),
        message: fc.record({ role: fc.constant('user'), content: fc.oneof(content, typedContent) }),
        ...common,
        ...decisive,
      },
      { requiredKeys: ['type', 'message'] },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        type: fc.constant('assistant'),
        message: fc.record(
          {
            id: fc.constantFrom('msg_1', 'msg_2', 'msg_3', 'ä"'),
            model: fc.constantFrom('claude-a', 'claude-b', '<synthetic>'),
            content,
            usage: anyUsage,
          },
          { requiredKeys: [] },
        ),
        requestId: fc.constantFrom('req_1', 'req_2', null),
        ...common,
      },
      { requiredKeys: ['type', 'message'] },
    ),
  },
  fc.record(
    {
      type: fc.constantFrom('system', 'attachment', 'progress', 'brand-new'),
      subtype: fc.constantFrom('compact_boundary', 'informational'),
      ...common,
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constant('cost-state'), totalCostUSD: fc.oneof(count, fc.double()) },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constantFrom('custom-title', 'ai-title', 'summary', 'last-prompt', 'tag', 'relocated'),
      customTitle: text,
      aiTitle: text,
      summary: text,
      lastPrompt: text,
      tag: text,
      relocatedCwd: text,
    },
    { requiredKeys: ['type'] },
  ),
  fc.dictionary(fc.constantFrom('type', 'uuid', 'message', '__proto__', 'x', 'timestamp'), fc.jsonValue(), {
    maxKeys: 4,
  }),
);

const separator = fc.constantFrom('\n', '\n', '\n', '\n', '\r\n', '\n\n');

/** The bytes of a transcript, without damage; the last line may lack its newline. */
export const anyTranscript = fc
  .tuple(fc.array(fc.tuple(anyEntry, separator), { maxLength: 20 }), fc.boolean(), fc.boolean())
  .map(([lines, bom, open]) => {
    const whole = lines.map(([entry, end]) => JSON.stringify(entry) + end).join('');
    return Buffer.from((bom ? '\ufeff' : '') + (open ? whole.trimEnd() : whole));
  });

/** One act of damage to bytes. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x22, 0x5c, 0x7b, 0x7d, 0x0a, 0)),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(300) }),
  fc.record({ kind: fc.constant('nul' as const), at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(300) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
  }),
);

/** A transcript with up to four acts of damage: bytes changed, cut out, doubled or overwritten with NUL. */
export const damagedTranscript = fc.tuple(anyTranscript, fc.array(damage, { maxLength: 4 })).map(([whole, acts]) => {
  let bytes = whole;
  for (const act of acts) {
    const at = Math.floor(act.at * bytes.length);
    if (act.kind === 'set' && at < bytes.length)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([act.byte]), bytes.subarray(at + 1)]);
    if (act.kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + act.length)]);
    if (act.kind === 'nul')
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(act.length), bytes.subarray(at)]);
    if (act.kind === 'insert')
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(0, act.length), bytes.subarray(at)]);
  }
  return bytes;
});
