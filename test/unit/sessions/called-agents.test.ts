import { describe, expect, test } from 'vitest';
import { calledAgents, type Subagent } from '../../../src/sessions/fork/called-agents.js';
import { Calls } from '../../../src/sessions/fork/calls.js';

/** A subagent that counts how often it is looked at. */
function agent(id: string, callers: { toolUse?: string; parent?: string }, looks: { count: number }): Subagent {
  const look = <T>(value: T): T => {
    looks.count += 1;
    return value;
  };
  return {
    path: '',
    relativePath: '',
    get id() {
      return look(id);
    },
    get toolUse() {
      return look(callers.toolUse ?? null);
    },
    get parent() {
      return look(callers.parent ?? null);
    },
  };
}

function calling(...ids: string[]): Calls {
  const calls = new Calls();
  calls.addFrom({ type: 'assistant', message: { content: ids.map((id) => ({ type: 'tool_use', id })) } });
  return calls;
}

const none = { count: 0 };

describe('the subagents that a fork copies', () => {
  test('are those of its tool calls and results, their descendants, and those whose caller nothing names', () => {
    const agents = [
      agent('grandchild', { parent: 'child', toolUse: 'x' }, none),
      agent('child', { parent: 'called' }, none),
      agent('called', { toolUse: 't1' }, none),
      agent('other', { toolUse: 't2' }, none),
      agent('others-child', { parent: 'other', toolUse: 't1' }, none),
      agent('named', { toolUse: 't2' }, none),
      agent('free', {}, none),
    ];
    const calls = calling('t1');
    calls.addFrom({ type: 'user', toolUseResult: { agentId: 'named' } });
    expect(Array.from(calledAgents(agents, calls), ({ id }) => id).toSorted()).toEqual([
      'called',
      'child',
      'free',
      'grandchild',
      'named',
    ]);
  });

  test('include all that one call started', () => {
    const agents = ['one', 'two', 'three'].map((id) => agent(id, { toolUse: 't1' }, none));
    expect(Array.from(calledAgents(agents, calling('t1')), ({ id }) => id)).toEqual(['one', 'two', 'three']);
  });

  test('include those that a copied subagent called', () => {
    const calls = calling('t1');
    const found: string[] = [];
    for (const { id } of calledAgents(
      [
        agent('second', { toolUse: 't2' }, none),
        agent('first', { toolUse: 't1' }, none),
        agent('third', { toolUse: 't3' }, none),
      ],
      calls,
    )) {
      found.push(id);
      if (id === 'first') calls.addFrom({ type: 'assistant', message: { content: [{ type: 'tool_use', id: 't2' }] } });
    }
    expect(found).toEqual(['first', 'second']);
  });

  test('are found by examining each a few times, whatever their number and order', () => {
    const looks = { count: 0 };
    const chain = Array.from({ length: 20_000 }, (_, at) => agent(`a${at}`, { parent: `a${at + 1}` }, looks));
    const found = Array.from(calledAgents([...chain, agent('a20000', { toolUse: 't1' }, looks)], calling('t1')));
    expect(found).toHaveLength(20_001);
    expect(looks.count).toBeLessThan(10 * 20_001);
  });
});
