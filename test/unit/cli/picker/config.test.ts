import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CcsessError } from '../../../../src/system/errors.js';
import { configPath, parseKeyMap, readKeyMap } from '../../../../src/cli/picker/keys/config.js';
import { ACTIONS, BINDINGS } from '../../../../src/cli/picker/keys/key-map.js';
import { temporaryFolder } from '../../../support/temporary.js';
import { SCHEMAS, validator } from '../../schema/schemas.js';

const parse = (picker: unknown) => parseKeyMap(JSON.stringify({ picker }), '/c.json');

describe('the configuration of keys', () => {
  it('changes the keys of actions, and removes a key from the action that had it', () => {
    const map = parse({ keys: { trash: ['ctrl-x', 'f8'], pin: 'alt-p', fork: [] } });
    expect(map.actionOf('ctrl-x')).toBe('trash');
    expect(map.keysOf('archive')).toEqual([]);
    expect(map.actionOf('ctrl-d')).toBeNull();
    expect(map.keysOf('pin')).toEqual(['alt-p']);
    expect(map.keysOf('fork')).toEqual([]);
    expect(map.keysOf('rename')).toEqual(['ctrl-r']);
  });

  it('adds commands on keys with Alt', () => {
    const map = parse({ commands: [{ key: 'alt-u', run: ['code', '{cwd}'] }] });
    expect(map.commands).toEqual([{ key: 'alt-u', label: 'code {cwd}', run: ['code', '{cwd}'] }]);
    expect(map.actionOf('alt-u')).toBeNull();
  });

  it.each<[unknown, string]>([
    [[], 'picker: must be an object'],
    [{ keyz: {} }, 'picker: unknown member "keyz" (did you mean "keys"?)'],
    [{ keys: { trsh: 'f1' } }, 'picker.keys: unknown member "trsh" (did you mean "trash"?)'],
    [{ keys: { trash: 3 } }, 'picker.keys.trash: a key must be a string, for example "ctrl-f"'],
    [
      { keys: { trash: 'x' } },
      'picker.keys.trash: "x" is not a key; write for example "ctrl-f", "alt-x", "f5" or "page-down"',
    ],
    [{ keys: { trash: 'ctrl-c' } }, 'picker.keys.trash: ctrl-c cannot be bound'],
    [{ keys: { leave: [] } }, 'picker.keys.leave: needs a key'],
    [{ keys: { trash: 'f5', pin: 'f5' } }, 'picker: f5 is bound twice: to pin and to trash'],
    [{ commands: {} }, 'picker.commands: must be an array'],
    [
      { commands: [{ key: 'ctrl-e', run: ['x'] }] },
      'picker.commands[0].key: must be a key with Alt, for example "alt-e"',
    ],
    [
      { commands: [{ key: 'alt-e', run: 'vi {path}' }] },
      'picker.commands[0].run: must be an array of strings: a program and its arguments',
    ],
    [
      { commands: [{ key: 'alt-e', run: ['vi', '{file}'] }] },
      'picker.commands[0].run: unknown placeholder {file}; known are {id}, {path}, {cwd}',
    ],
  ])('refuses %j', (picker, message) => {
    expect(() => parse(picker)).toThrow(new CcsessError('USAGE', `/c.json: ${message}.`));
  });

  it('refuses text that is not JSON, and a file that cannot be read', () => {
    expect(() => parseKeyMap('{', '/c.json')).toThrow(/^\/c\.json: not valid JSON \(/);
    const home = temporaryFolder('config');
    onTestFinished(() => rmSync(home, { recursive: true }));
    const path = configPath({}, home);
    mkdirSync(path, { recursive: true });
    expect(() => readKeyMap({}, home)).toThrow(`${path} cannot be read`);
    rmSync(path, { recursive: true });
    expect(readKeyMap({}, home).keysOf('trash')).toEqual(['ctrl-d']);
    writeFileSync(path, '{"picker":{"keys":{"trash":"f8"}}}');
    expect(readKeyMap({}, home).keysOf('trash')).toEqual(['f8']);
    expect(dirname(path)).toBe(join(home, '.config/ccsess'));
    expect(configPath({ XDG_CONFIG_HOME: '/x' }, home)).toBe('/x/ccsess/config.json');
    expect(configPath({ XDG_CONFIG_HOME: 'relative' }, home)).toBe(path);
  });

  it('has a schema that names every action', () => {
    const keys = SCHEMAS['config']?.properties?.['picker']?.properties?.['keys']?.properties;
    expect(Object.keys(keys ?? {}).sort()).toEqual([...ACTIONS].sort());
    expect(BINDINGS.map(({ action }) => action).sort()).toEqual([...ACTIONS].sort());
    const config = {
      picker: { keys: { trash: ['f8'], pin: 'alt-p' }, commands: [{ key: 'alt-e', run: ['vi', '{path}'] }] },
    };
    expect(validator('config')(config)).toBe('');
    expect(() => parse(config.picker)).not.toThrow();
  });
});
