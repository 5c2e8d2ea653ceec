import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import { describeFailure } from '../../../src/cli/terminal/fail.js';
import { ClosedPipe } from '../../../src/cli/terminal/output.js';

const PLAIN = { json: false, debug: false, invocation: 'ccsess' };

describe('a thrown value', () => {
  test('is a sentence and its hint', () => {
    const error = new CcsessError('NOT_FOUND', "no session 'zz'.", { hint: 'near:\n  3f2a91c0' });
    expect(describeFailure(error, PLAIN)).toEqual({
      text: "ccsess: no session 'zz'.\n  near:\n    3f2a91c0\n",
      exitCode: 4,
    });
  });

  test('is printed without control sequences', () => {
    expect(describeFailure(new CcsessError('IO', 'bad \u001b[2Jname'), PLAIN)).toEqual({
      text: 'ccsess: bad name\n',
      exitCode: 1,
    });
  });

  test('is one line of JSON with --json', () => {
    const error = new CcsessError('AMBIGUOUS', 'two of them', { hint: 'a\nb' });
    expect(describeFailure(error, { ...PLAIN, json: true })).toEqual({
      text: '{"error":{"code":"AMBIGUOUS","message":"two of them","hint":"a\\nb","exitCode":4}}\n',
      exitCode: 4,
    });
  });

  test('from the system says what could not be done', () => {
    const error = Object.assign(new Error("EACCES: permission denied, open '/x'"), {
      errno: -13,
      syscall: 'open',
      code: 'EACCES',
    });
    expect(describeFailure(error, PLAIN)).toEqual({
      text: 'ccsess: cannot open /x: permission denied (EACCES).\n',
      exitCode: 1,
    });
  });

  test('from a defect mentions --debug, and prints its stack only with it', () => {
    expect(describeFailure(new TypeError('x is undefined'), PLAIN)).toEqual({
      text: 'ccsess: internal error: x is undefined (please report it)\n  run again with --debug\n',
      exitCode: 1,
    });
    expect(describeFailure(new TypeError('x is undefined'), { ...PLAIN, debug: true }).text).toContain('fail.test.ts');
    expect(describeFailure('a string', { json: true, debug: true, invocation: 'ccsess' })).toEqual({
      text:
        '{"error":{"code":"INTERNAL","message":"internal error: a string (please report it)","hint":"run again ' +
        'with --debug","exitCode":1}}\n',
      exitCode: 1,
    });
  });

  test('from a closed pipe is not an error', () => {
    expect(describeFailure(new ClosedPipe(), PLAIN)).toEqual({ text: '', exitCode: 0 });
  });
});
