import { expect, test } from 'vitest';
import { isLocalCommand, titleText } from '../../../src/transcript/messages/title-text.js';

test.each([
  ['two\n\nlines\tand   blanks ', 'two lines and blanks'],
  ['N4 <div class="x">hello</div> do <b>it</b>', 'N4 do'],
  ['a <b>bold</b> <br/> < x > y <Foo>z</Foo> end', 'a <br/> < x > y <Foo>z</Foo> end'],
  ['unclosed <div> tag', 'unclosed <div> tag'],
  ['<teammate-message teammate_id="x">\nhello\n</teammate-message>', ''],
  ['', ''],
])('%j is shown as %j', (text, title) => expect(titleText(text)).toBe(title));

test('commands of Claude Code itself name no session', () => {
  expect(['/model opus', '/clear', '/story make', '/modelling', 'model'].map(isLocalCommand)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
