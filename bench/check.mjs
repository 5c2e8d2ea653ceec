// Compares `ccsess list --json` with a corpus's truth, field by field: node bench/check.mjs FOLDER (of generate.mjs).
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIELDS = [
  'cwd',
  'version',
  'kind',
  'title',
  'titleSource',
  'createdAt',
  'lastActivityAt',
  'prompts',
  'turns',
  'toolCalls',
  'compactions',
  'subagents',
  'tokens',
  'transcriptBytes',
];
const bin = fileURLToPath(new URL('../bin/ccsess.js', import.meta.url));

/** Every difference, as a sentence. */
export function differences(folder) {
  const scratch = mkdtempSync(join(tmpdir(), 'ccsess-check-'));
  try {
    const output = openSync(join(scratch, 'list.json'), 'w');
    execFileSync(process.execPath, [bin, 'list', '--json'], {
      env: { PATH: process.env.PATH, HOME: scratch, CLAUDE_CONFIG_DIR: join(folder, 'config') },
      stdio: ['ignore', output, 'inherit'],
    });
    closeSync(output);
    const records = new Map(
      JSON.parse(readFileSync(join(scratch, 'list.json'), 'utf8')).map((record) => [
        `${record.projectDir}/${record.id}`,
        record,
      ]),
    );
    const truths = readFileSync(join(folder, 'truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const found = truths.flatMap((truth) => {
      const key = `${truth.projectDir}/${truth.id}`;
      const record = records.get(key);
      records.delete(key);
      return record === undefined ? [`${key} is not listed`] : compareOne(key, truth, record);
    });
    return [...found, ...[...records.keys()].map((key) => `${key} is listed but was never written`)];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function compareOne(key, truth, record) {
  const { input, output, cacheRead, cacheWrite } = record.tokens;
  // A title taken from a prompt is a matter of taste; the generator knows only those that were given.
  const seen = {
    ...record,
    tokens: { input, output, cacheRead, cacheWrite },
    title: record.titleSource === 'prompt' ? null : record.title,
  };
  return FIELDS.filter((field) => JSON.stringify(seen[field]) !== JSON.stringify(truth[field])).map(
    (field) => `${key} ${field}: ${JSON.stringify(seen[field])}, not ${JSON.stringify(truth[field])}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = differences(process.argv[2]);
  for (const difference of found.slice(0, 20)) console.log(difference);
  console.log(found.length === 0 ? 'equal to the truth' : `${found.length} differences`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
