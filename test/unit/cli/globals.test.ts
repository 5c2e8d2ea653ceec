import { expect, test } from 'vitest';
import { parseGlobals, reportingOf } from '../../../src/cli/globals.js';

test('global flags are taken from anywhere before --', () => {
  expect(
    parseGlobals([
      '--config-dir',
      '/a',
      'list',
      '--json',
      '--title',
      'x',
      '--config-dir=/b=c',
      '--color',
      'always',
      '--',
      '--debug',
    ]),
  ).toEqual({
    options: { json: true, table: false, cache: true, debug: false },
    configDirs: ['/a', '/b=c'],
    color: 'always',
    rest: ['list', '--title', 'x'],
    passthrough: ['--debug'],
  });
});

test('a command line without global flags is left unchanged', () => {
  expect(parseGlobals(['show', '3f2a', '--tail=3'])).toEqual({
    options: { json: false, table: false, cache: true, debug: false },
    configDirs: [],
    color: 'auto',
    rest: ['show', '3f2a', '--tail=3'],
    passthrough: [],
  });
});

test('the error format is read from a broken command line too', () => {
  expect(reportingOf(['--config-dir', '--json'])).toEqual({
    json: true,
    debug: false,
    invocation: 'ccsess --config-dir --json',
  });
  expect(reportingOf(['resume', '--', '--json', '--debug', '--config-dir', 'x'])).toEqual({
    json: false,
    debug: false,
    invocation: 'ccsess',
  });
  expect(reportingOf(['--config-dir=a b', 'list', '--config-dir', 'c', '--config-dir']).invocation).toBe(
    "ccsess --config-dir 'a b' --config-dir c",
  );
});
