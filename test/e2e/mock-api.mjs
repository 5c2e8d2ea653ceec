// A stand-in for the Messages API on the loopback interface, so that the real `claude` runs without a network.
//
// A prompt scripts its own answers: a line `script: [step, step, …]` in it, where step N answers the N-th request made
// for that prompt. A step is `{ text?, thinking?, tools?: [{ name, input }], delayMs?, usage?, stop?, error? }`;
// without one (or after the last) the answer is "done". `stop` is the reason of its end; `error` is
// `{ status, type, times?, model? }`: the first `times` requests (all, without it), or those to that model, fail.
// Every answer has a usage of its own, so that sums over answers cannot agree by accident.
import { createServer } from 'node:http';

const DEFAULT_STEP = { text: 'done' };
/** Requests after which the figures of usage begin again, so that they stay below the size of a context window. */
const USAGES = 120;
let answered = 0;
/** How often each step of a script has failed so far. */
const failures = new Map();
/** Requests so far: the model of each, and the text, the tool calls and the ids of results of each of its messages. */
const asked = [];

const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const textsOf = (message) =>
  typeof message.content === 'string'
    ? [message.content]
    : message.content.filter((block) => block.type === 'text').map((block) => block.text);

const idsOf = (message, type, key) =>
  typeof message.content === 'string'
    ? []
    : message.content.filter((block) => block.type === type).map((block) => block[key]);

const told = (message) => ({
  role: message.role,
  text: textsOf(message).join('\n'),
  calls: idsOf(message, 'tool_use', 'id'),
  results: idsOf(message, 'tool_result', 'tool_use_id'),
});

function stepFor(messages) {
  for (let at = messages.length - 1; at >= 0; at--) {
    // After an error two prompts arrive as one message, of which the last one is answered.
    const script =
      messages[at].role === 'user' &&
      [
        ...textsOf(messages[at])
          .join('\n')
          .matchAll(/^script: (\[.*\])$/gm),
      ].at(-1);
    if (script) {
      const answersSoFar = messages.slice(at).filter((message) => message.role === 'assistant').length;
      return JSON.parse(script[1])[answersSoFar] ?? DEFAULT_STEP;
    }
  }
  return DEFAULT_STEP;
}

function fails({ error }, request) {
  if (error === undefined || (error.model !== undefined && !request.model.includes(error.model))) return false;
  const name = JSON.stringify(error);
  failures.set(name, (failures.get(name) ?? 0) + 1);
  return failures.get(name) <= (error.times ?? Infinity);
}

function answerTo(request, step) {
  const offered = new Set((request.tools ?? []).map((tool) => tool.name));
  const stamp = `${process.pid}_${++answered}`;
  const number = ((answered - 1) % USAGES) + 1;
  const tools = (step.tools ?? []).filter((tool) => offered.has(tool.name));
  const content = [
    ...(step.thinking === undefined ? [] : [{ type: 'thinking', thinking: step.thinking, signature: 'c2ln' }]),
    ...(step.text === undefined && tools.length > 0 ? [] : [{ type: 'text', text: step.text ?? 'done' }]),
    ...tools.map((tool, i) => ({ type: 'tool_use', id: `toolu_${stamp}_${i}`, name: tool.name, input: tool.input })),
  ];
  return {
    delayMs: step.delayMs ?? 0,
    message: {
      id: `msg_${stamp}`,
      type: 'message',
      role: 'assistant',
      model: request.model,
      content,
      stop_reason: step.stop ?? (tools.length > 0 ? 'tool_use' : 'end_turn'),
      stop_sequence: null,
      usage: {
        input_tokens: 3 + number,
        cache_creation_input_tokens: 70 * number,
        cache_read_input_tokens: 1100 * number,
        output_tokens: 17 + 5 * number,
        cache_creation: { ephemeral_5m_input_tokens: 70 * number, ephemeral_1h_input_tokens: 0 },
        ...step.usage,
      },
    },
  };
}

/** The start of each kind of block, and what follows it. */
const PIECES = {
  text: ({ text }) => [{ text: '' }, { type: 'text_delta', text }],
  thinking: ({ thinking, signature }) => [
    { thinking: '', signature: '' },
    { type: 'thinking_delta', thinking },
    { type: 'signature_delta', signature },
  ],
  tool_use: ({ input }) => [{ input: {} }, { type: 'input_json_delta', partial_json: JSON.stringify(input) }],
};

async function stream(response, { message, delayMs }) {
  const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } },
  });
  for (let waited = 0; waited < delayMs && !response.destroyed; waited += 100) {
    send('ping', {});
    await pause(100);
  }
  for (const [index, block] of message.content.entries()) {
    const [start, ...deltas] = PIECES[block.type](block);
    send('content_block_start', { index, content_block: { ...block, ...start } });
    for (const delta of deltas) send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  send('message_delta', { delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: message.usage });
  send('message_stop', {});
  response.end();
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function respond(request, response) {
  const body = await bodyOf(request);
  const path = new URL(request.url, 'http://localhost').pathname;
  const json = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.method === 'POST' && path === '/v1/messages/count_tokens')
    return json(200, { input_tokens: Math.ceil(body.length / 4) });
  if (request.method !== 'POST' || path !== '/v1/messages')
    return json(404, { type: 'error', error: { type: 'not_found_error', message: 'not part of the stand-in' } });
  const question = JSON.parse(body);
  asked.push({ model: question.model, messages: (question.messages ?? []).map(told) });
  const step = stepFor(question.messages ?? []);
  if (fails(step, question)) {
    const { status, type } = step.error;
    return json(status, { type: 'error', error: { type, message: `${type} of the stand-in` } });
  }
  const answer = answerTo(question, step);
  return question.stream ? stream(response, answer) : json(200, answer.message);
}

/**
 * Starts the stand-in on a free loopback port. Resolves to its base URL, the requests so far, and a function that stops
 * it.
 */
export function startMockApi() {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      respond(request, response).catch((error) => response.destroy(error));
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({
        asked,
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      }),
    );
  });
}
