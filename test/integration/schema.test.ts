import { describe, expect, it } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { projectsOf } from '../../src/sessions/select/projects.js';
import type { SessionMessage } from '../../src/transcript/messages/message.js';
import { readMessages } from '../../src/transcript/messages/messages.js';
import { GROUPINGS } from '../../src/usage/groups.js';
import { run } from '../support/context.js';
import { readRecords } from '../support/expected-session.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';
import { SCHEMAS, validator } from '../unit/schema/schemas.js';

const HOMES = [
  ...fixtureNames('recorded').map((name) => `recorded/${name}`),
  ...fixtureNames('old').map((name) => `old/${name}`),
];

/** As a reader of the JSON gets it. */
function printed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe.each(HOMES)('output for %s', (name) => {
  it('agrees with the schemas', async () => {
    const records = await readRecords(fixtureHome(name));
    expect(records.length).toBeGreaterThan(0);
    for (const session of records) {
      expect(Object.keys(session)).toEqual(SCHEMAS['session']?.required);
      expect(validator('session')(printed(session)), session.id).toBe('');
      const messages: SessionMessage[] = [];
      for await (const message of readMessages(session.transcript, { which: 'all' })) messages.push(message);
      expect(validator('show')(printed({ schemaVersion: 1, session, messages })), session.id).toBe('');
    }
    expect(validator('projects')(printed(projectsOf(records)))).toBe('');
  });

  it('agrees with the schemas where it includes costs', async () => {
    const world = {
      configDirs: resolveConfigDirs({ explicit: [fixtureHome(name)], env: {}, home: '/nowhere', cwd: '/' }),
    };
    const sessions = JSON.parse((await run(['list', '--json'], world)).stdout) as { own: unknown }[];
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      expect(validator('session')(session)).toBe('');
      expect(session.own).not.toBeNull();
    }
    for (const by of GROUPINGS)
      expect(validator('stats')(JSON.parse((await run(['stats', '--by', by, '--json'], world)).stdout))).toBe('');
  });
});
