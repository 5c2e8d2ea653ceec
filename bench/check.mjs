// Compares `ccsess list --json` with the truth of a corpus, field by field, and also the sums of `ccsess stats --json`,
// once counted from ledgers and once from kept totals: node bench/check.mjs FOLDER (of generate.mjs).
import { spawnSync } from 'node:child_process';
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

/** Returns every difference as a sentence. */
export function differences(folder) {
  const scratch = mkdtempSync(join(tmpdir(), 'ccsess-check-'));
  try {
    const records = new Map(
      printed(['list', '--json'], folder, scratch).map((record) => [`${record.projectDir}/${record.id}`, record]),
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
    const stats = ['stats', '--json', '--by', 'month'];
    return [
      ...found,
      ...[...records.keys()].map((key) => `${key} is listed but was never written`),
      ...['from ledgers', 'from kept totals'].flatMap((how) =>
        compareSums(how, truths, printed(stats, folder, scratch).totals),
      ),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Returns the JSON that a command prints, with an index in the scratch folder. */
function printed(args, folder, scratch) {
  const path = join(scratch, 'printed.json');
  const output = openSync(path, 'w');
  const { status } = spawnSync(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH, HOME: scratch, CLAUDE_CONFIG_DIR: join(folder, 'config') },
    stdio: ['ignore', output, 'inherit'],
  });
  closeSync(output);
  if (status !== 0) throw new Error(`ccsess ${args.join(' ')} ended with ${status}`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** No session of a corpus shares responses with another, so the sum over sessions is the total. */
function compareSums(how, truths, totals) {
  const sum = (of) => truths.reduce((all, truth) => all + of(truth), 0);
  const { input, output, cacheRead, cacheWrite } = totals.tokens;
  const pairs = {
    sessions: [totals.sessions, truths.length],
    prompts: [totals.prompts, sum((truth) => truth.prompts)],
    input: [input, sum(({ tokens }) => tokens.input)],
    output: [output, sum(({ tokens }) => tokens.output)],
    'cache read': [cacheRead, sum(({ tokens }) => tokens.cacheRead)],
    'cache write': [cacheWrite, sum(({ tokens }) => tokens.cacheWrite)],
  };
  return Object.entries(pairs).flatMap(([name, [seen, known]]) =>
    seen === known ? [] : [`stats ${how}, ${name}: ${seen}, not ${known}`],
  );
}

function compareOne(key, truth, record) {
  const { input, output, cacheRead, cacheWrite } = record.tokens;
  // Titles derived from prompts are not compared; the generator knows only given titles.
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
