import { describe, expect, it } from 'vitest';
import { CcsessError, type ErrorCode } from '../../../src/system/errors.js';
import type { SessionRecord } from '../../../src/session-index/record.js';
import type { ProjectRecord } from '../../../src/sessions/select/projects.js';
import type { SessionMessage } from '../../../src/transcript/messages/message.js';
import { objectSchemas, openValidator, SCHEMAS, validator } from './schemas.js';

// Every member by hand, in the order of output, so that a change of the types cannot go unseen.
const TOKENS = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, total: 10 };
const SESSION: SessionRecord = {
  schemaVersion: 1,
  configDir: '/home/me/.claude',
  id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
  title: 'Fix the journal',
  titleSource: 'custom',
  firstPrompt: 'The journal is late.',
  lastPrompt: 'Now restore.',
  cwd: '/home/me/code',
  cwds: ['/home/me/code', '/home/me/code/test'],
  cwdExists: true,
  repository: null,
  projectDir: '-home-me-code',
  transcript: '/home/me/.claude/projects/-home-me-code/3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.jsonl',
  kind: 'interactive',
  entrypoint: 'cli',
  gitBranch: 'main',
  version: '2.1.330',
  models: ['claude-opus-5-5'],
  createdAt: '2026-11-20T18:02:11.000Z',
  lastActivityAt: '2026-11-23T06:44:51.208Z',
  modifiedAt: '2026-11-23T06:44:53.011Z',
  expiresAt: '2026-12-23T06:44:53.011Z',
  prompts: 31,
  turns: 214,
  messageCount: 402,
  toolCalls: 183,
  tools: { Bash: 180, Edit: 3 },
  compactions: 1,
  subagents: 3,
  tokens: TOKENS,
  costUsd: 14.07,
  own: { tokens: TOKENS, costUsd: 11.34 },
  reportedCostUsd: 11.34,
  lastStopReason: 'end_turn',
  lastError: 'API Error: 400 bad request',
  transcriptBytes: 3040870,
  footprintBytes: 4299161,
  tag: 'nightly',
  pinned: false,
  archived: false,
  live: { pid: 48213, status: 'idle' },
  forkedFrom: { id: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e', messageUuid: null },
  team: { name: 'alpha', agent: 'dev', leader: null },
  problems: [{ code: 'nul-run', message: '8,192 NUL bytes', file: '/home/me/x.jsonl', line: 311, byteOffset: 402911 }],
};

/** `SESSION` without the values that a session may lack. */
const BARE: SessionRecord = {
  ...SESSION,
  title: null,
  titleSource: null,
  firstPrompt: null,
  lastPrompt: null,
  cwd: null,
  cwds: [],
  cwdExists: null,
  entrypoint: null,
  gitBranch: null,
  version: null,
  models: [],
  createdAt: null,
  lastActivityAt: null,
  expiresAt: null,
  costUsd: null,
  own: null,
  reportedCostUsd: null,
  lastStopReason: null,
  lastError: null,
  footprintBytes: null,
  tag: null,
  live: null,
  forkedFrom: null,
  team: null,
  problems: [],
};

const MESSAGE: SessionMessage = {
  uuid: 'aaaaaaaa-0000-4000-8000-000000000001',
  parentUuid: null,
  role: 'assistant',
  kind: 'answer',
  prompt: 1,
  timestamp: '2026-11-20T18:02:11.000Z',
  model: 'claude-opus-5-5',
  text: 'Done.',
  content: [{ type: 'text', text: 'Done.' }],
};

const PROJECT: ProjectRecord = {
  schemaVersion: 1,
  configDir: '/home/me/.claude',
  cwd: '/home/me/code',
  cwdExists: true,
  projectDirs: ['-home-me-code'],
  sessions: 12,
  lastActivityAt: null,
  footprintBytes: 1024,
};

describe('every schema', () => {
  it('is one of those documented', () => {
    expect(Object.keys(SCHEMAS)).toEqual([
      'checkpoint-files',
      'checkpoints',
      'command',
      'config',
      'context',
      'emptied',
      'error',
      'files',
      'forecast',
      'index-cleared',
      'index-status',
      'log',
      'match',
      'message',
      'move',
      'orphaned-history',
      'plan',
      'planned-fork',
      'planned-session',
      'prices',
      'projects',
      'prompts',
      'recovered',
      'reopen',
      'result',
      'rewind',
      'search',
      'session',
      'show',
      'stats',
      'statusline',
      'touched-files',
      'trash',
      'trashed',
      'undo-copies',
      'undo',
      'unwritten-session',
    ]);
  });

  // The configuration is written by hand: nothing in it is required, and a misspelt member is an error.
  const printed = Object.entries(SCHEMAS).filter(([name]) => name !== 'config');

  /** The only member that may be absent: what a session waits for, with the status `waiting`. */
  const STATUS_DETAIL = 'waitingFor';

  it.each(printed)('%s: objects are open, members required and described', (name, schema) => {
    for (const [path, object] of objectSchemas(schema, name)) {
      expect(object.additionalProperties, path).toBeUndefined();
      const members = Object.keys(object.properties ?? {});
      expect(object.required, path).toEqual(members.filter((key) => key !== STATUS_DETAIL));
      for (const [key, member] of Object.entries(object.properties ?? {}))
        expect(member.description, `${path}.${key}`).toMatch(/\S/);
    }
  });
});

describe('the session schema', () => {
  const errors = validator('session');

  it('has the members of a record, in the order of output', () => {
    expect(SCHEMAS['session']?.required).toEqual(Object.keys(SESSION));
  });

  it('takes a full record and a bare one', () => {
    expect(errors(SESSION)).toBe('');
    expect(errors(BARE)).toBe('');
  });

  it('refuses a member that is missing, unknown or of the wrong type', () => {
    for (const key of Object.keys(SESSION)) {
      const { [key as keyof SessionRecord]: _, ...rest } = SESSION;
      expect(errors(rest), key).toContain(`must have required property '${key}'`);
    }
    expect(errors({ ...SESSION, more: 1 })).toContain('additional properties');
    expect(errors({ ...SESSION, own: { ...SESSION.own, more: 1 } })).toContain('additional properties');
    expect(errors({ ...SESSION, createdAt: '2026-11-20 18:02' })).toContain('createdAt');
    expect(errors({ ...SESSION, prompts: -1 })).toContain('prompts');
    expect(errors({ ...SESSION, titleSource: 'guess' })).toContain('titleSource');
  });
});

describe('the published schemas', () => {
  it('take members that a later version adds, also within a record', () => {
    const errors = openValidator('session');
    expect(errors({ ...SESSION, more: 1, own: { ...SESSION.own, more: 1 }, live: { ...SESSION.live, more: {} } })).toBe(
      '',
    );
    expect(openValidator('show')({ schemaVersion: 1, session: { ...SESSION, more: 1 }, messages: [], more: 1 })).toBe(
      '',
    );
    expect(errors({ ...SESSION, prompts: 'many' })).toContain('prompts');
  });
});

describe('the other schemas', () => {
  it('show: a session and its messages', () => {
    expect(SCHEMAS['message']?.required).toEqual(Object.keys(MESSAGE));
    expect(validator('message')(MESSAGE)).toBe('');
    expect(validator('show')({ schemaVersion: 1, session: SESSION, messages: [MESSAGE] })).toBe('');
    expect(
      validator('show')({ schemaVersion: 1, session: SESSION, messages: [{ ...MESSAGE, kind: 'thought' }] }),
    ).toContain('kind');
  });

  it('projects: an array', () => {
    expect(SCHEMAS['projects']?.$defs?.['project']?.required).toEqual(Object.keys(PROJECT));
    expect(validator('projects')([PROJECT])).toBe('');
    expect(validator('projects')([])).toBe('');
  });

  it('error: every code', () => {
    const codes: Record<ErrorCode, true> = {
      USAGE: true,
      NOT_FOUND: true,
      AMBIGUOUS: true,
      LIVE: true,
      LOCKED: true,
      EXISTS: true,
      PLAN_REFUSED: true,
      CLAUDE_NOT_FOUND: true,
      IO: true,
      INTERNAL: true,
    };
    for (const code of Object.keys(codes) as ErrorCode[]) {
      const { message, hint, exitCode } = new CcsessError(code, 'no', { hint: 'try' });
      expect(validator('error')({ error: { code, message, hint, exitCode } })).toBe('');
    }
  });
});
