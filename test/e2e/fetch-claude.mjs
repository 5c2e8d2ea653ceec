// Prints the path of the Claude Code binary that the end-to-end tests run, and fetches it into the user's cache if it
// is not there. Run by `.ci/run`. CCSESS_E2E_CLAUDE names another binary. Exits with 1 and the reason on stderr if
// there is none.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const wanted = JSON.parse(readFileSync(new URL('claude-version.json', import.meta.url), 'utf8'));
// `older` selects the version that only the core of the tests runs.
const isOlder = process.argv[2] === 'older';
const version = isOlder ? wanted.older : wanted.version;
const named = isOlder ? process.env.CCSESS_E2E_CLAUDE_OLDER : process.env.CCSESS_E2E_CLAUDE;

function fetchInto(folder) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`the tests know Claude Code for linux-x64 only, this is ${process.platform}-${process.arch}`);
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(join(dirname(folder), '.fetch-'));
  try {
    const archive = execFileSync('npm', ['pack', '--silent', `${wanted.package}@${version}`], {
      cwd: scratch,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    })
      .trim()
      .split('\n')
      .at(-1);
    execFileSync('tar', ['-xzf', archive], { cwd: scratch });
    // A single rename, so that a killed or a second run never leaves half a binary behind.
    if (!existsSync(folder)) renameSync(join(scratch, 'package'), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ccsess-e2e', version);
  const binary = named || join(cache, 'claude');
  if (!named && !existsSync(binary)) fetchInto(cache);
  if (!existsSync(binary)) throw new Error(`${binary} does not exist`);
  console.log(binary);
} catch (error) {
  console.error(`Claude Code ${version} could not be fetched: ${String(error.message).split('\n')[0]}`);
  process.exitCode = 1;
}
