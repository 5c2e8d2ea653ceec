import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { Step } from '../../../src/sessions/move/model.js';
import { carryRest } from '../../../src/sessions/move/carry.js';
import { temporaryFolder } from '../../support/temporary.js';

const ID = '11111111-0000-4000-8000-000000000001';
/** A name that is not UTF-8. */
const ODD = Buffer.from([0x6f, 0x64, 0xff, 0x64]);

test('a file whose name is not UTF-8 moves into a side folder that Claude Code has begun at the new path', () => {
  const home = temporaryFolder('carry');
  const [from, to] = ['-old', '-new'].map((name) => join(home, 'projects', name, ID)) as [string, string];
  for (const side of [from, to]) mkdirSync(side, { recursive: true });
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), ODD]), 'kept output');
  writeFileSync(join(to, 'begun.txt'), '');
  const [configDir] = resolveConfigDirs({ explicit: [home], env: {}, home, cwd: home });
  if (configDir === undefined) throw new Error('no config dir');
  const step = { id: ID, from: '-old', to: '-new', agents: [] };
  carryRest(configDir, step as unknown as Step);
  expect(readdirSync(to, { encoding: 'buffer' })).toEqual([Buffer.from('begun.txt'), ODD]);
  expect(() => readdirSync(from)).toThrow('ENOENT');
});
