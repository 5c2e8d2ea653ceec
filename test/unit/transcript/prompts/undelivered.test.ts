import { describe, expect, test } from 'vitest';
import { PromptQueue } from '../../../../src/transcript/prompts/undelivered.js';

const TIME = '2026-11-20T10:00:00.000Z';

/** A step of a transcript: a queue operation with its text, a prompt (`>`), or another message (`*`). */
type Step = string;

function undelivered(steps: readonly Step[]): string[] {
  const queue = new PromptQueue();
  for (const step of steps) {
    const [operation = '', ...words] = step.split(' ');
    const text = words.join(' ');
    if (operation === '>' || operation === '*') queue.deliver(text, operation === '>');
    else
      queue.follow({ type: 'queue-operation', operation, timestamp: TIME, ...(text === '' ? {} : { content: text }) });
  }
  return queue.undelivered.map((prompt) => prompt.text);
}

describe('a queued prompt', () => {
  test.each<[string, Step[], string[]]>([
    ['waits until it is sent', ['enqueue a'], ['a']],
    ['is sent after the turn', ['enqueue a', 'dequeue', '> a'], []],
    ['is taken in before the turn ends', ['enqueue a', 'enqueue b', 'remove a', '> a'], ['b']],
    ['is taken back into the input, with all others', ['enqueue a', 'enqueue b', 'popAll a\nb'], []],
    ['is taken back without its text', ['enqueue a', 'popAll'], []],
    ['is sent together with others', ['enqueue a', 'enqueue b', 'dequeue', '> a\nb', '> c'], []],
    ['is not sent by a prompt that only contains it', ['enqueue yes', '> yes, but later'], ['yes']],
    ['is a shell line', ['enqueue ls -l', 'dequeue', '> ! ls -l'], []],
    ['is sent in other words', ['enqueue /greet', 'dequeue', '> Greetings'], []],
    [
      'of a killed run stays when the next run sends its own',
      ['enqueue lost', 'enqueue b', 'dequeue', '> b'],
      ['lost'],
    ],
    [
      'of a killed run stays when the next run sends the same text',
      ['enqueue a', 'enqueue a', 'dequeue', '> a'],
      ['a'],
    ],
    ['that was dequeued but never written stays', ['enqueue a', 'dequeue'], ['a']],
    ['is not an event of a task', ['enqueue <task-notification>x</task-notification>', 'enqueue a'], ['a']],
    [
      'is not sent by an event',
      ['enqueue a', 'enqueue <task-notification>x', 'dequeue', '* <task-notification>x', '> b'],
      ['a'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(undelivered(steps)).toEqual(expected);
  });

  test('has the time at which it was queued', () => {
    const queue = new PromptQueue();
    queue.follow({ operation: 'enqueue', content: ' a\n', timestamp: TIME });
    queue.follow({ operation: 'enqueue', content: 'b', timestamp: 'never' });
    queue.follow({ operation: 'enqueue', content: 7 });
    expect(queue.undelivered).toEqual([
      { text: 'a', timeMs: Date.parse(TIME) },
      { text: 'b', timeMs: null },
    ]);
  });
});
