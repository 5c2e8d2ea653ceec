import { homedir, tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

// Tests never touch the real home: whatever resolves the default config dir must find a temporary one.
const realHome = homedir();
const home = mkdtempSync(join(tmpdir(), 'ccsess-home-'));
process.env['HOME'] = home;
process.env['XDG_CACHE_HOME'] = join(home, '.cache');
delete process.env['CLAUDE_CONFIG_DIR'];
delete process.env['CLAUDE_CODE_SESSION_ID'];
delete process.env['NO_COLOR'];
delete process.env['FORCE_COLOR'];
if (homedir() === realHome) throw new Error('tests refuse to run on the real home folder');
