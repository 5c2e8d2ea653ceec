// Runs inside a network namespace that has a loopback interface and nothing else (test/support/claude-lab.ts makes it):
// starts the stand-in API and then, for each JSON line on stdin, one program. Answers with JSON lines on stdout:
// `{ ready }`, `{ id, asked }` with the requests the API got so far (`from` leaves out the first ones), `{ id, pid }`
// when a process has started, `{ id, code, signal, stdout, stderr }` when it has ended.
import { spawn, spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { startMockApi } from './mock-api.mjs';

const running = new Set();
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

// Makes the ioctl that `ip link set lo up` makes, for machines without iproute2.
const LOOPBACK_UP =
  'import fcntl,socket,struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x41))';

function raiseLoopback() {
  if (spawnSync('ip', ['link', 'set', 'lo', 'up']).status === 0) return;
  if (spawnSync('python3', ['-c', LOOPBACK_UP]).status === 0) return;
  throw new Error('the loopback interface cannot be raised: neither ip nor python3 works here');
}

function run(baseUrl, { id, program, args, cwd, configDir, home, env }) {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      LANG: 'C.UTF-8',
      SHELL: '/bin/bash',
      CLAUDE_CONFIG_DIR: configDir,
      // The folder in /tmp is named after the user id, which a namespace changes, and would stay behind.
      CLAUDE_CODE_TMPDIR: home,
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_API_KEY: 'sk-ant-not-a-key',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  child.once('spawn', () => say({ id, pid: child.pid }));
  child.once('error', (error) => say({ id, code: null, signal: null, stdout, stderr: String(error) }));
  child.once('close', (code, signal) => say({ id, code, signal, stdout, stderr }));
}

const addresses = Object.values(networkInterfaces()).flat();
if (addresses.some((address) => !address.internal)) throw new Error('refusing to run claude where there is a network');
raiseLoopback();
const api = await startMockApi();
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.asked) say({ id: request.id, asked: api.asked.slice(request.from ?? 0) });
  else run(api.url, request);
}
for (const child of running) child.kill('SIGKILL');
api.close();
