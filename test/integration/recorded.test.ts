import { describe, expect, it } from 'vitest';
import { expectSessions } from '../support/expected-session.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';
import { RECORDED } from './recorded.truth.js';

describe('what Claude Code 2.1.330 and 2.1.332 recorded', () => {
  it('has expected values for every scenario', () => {
    expect(Object.keys(RECORDED).sort()).toEqual(fixtureNames('recorded'));
  });

  it.each(Object.entries(RECORDED))('%s is read as expected', async (scenario, truth) => {
    await expectSessions(fixtureHome(`recorded/${scenario}`), truth);
  });
});
