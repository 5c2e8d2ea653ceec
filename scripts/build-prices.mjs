// Writes src/usage/prices/anthropic-models.ts: Anthropic's models in the price package, with the members that ccsess
// uses. Run it after an update of the package; a test compares the two.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findProvider } from '@pydantic/genai-prices';

/** Price keys that are used. */
const KEYS = [
  'input_mtok',
  'output_mtok',
  'cache_read_mtok',
  'cache_write_mtok',
  'cache_write_1h_mtok',
  'web_searches_kcount',
];

/** Anthropic's models in the order in which they are matched. */
export function anthropicModels() {
  const { models } = findProvider({ providerId: 'anthropic' });
  return models.map(({ match, prices }) => ({
    match,
    prices: Array.isArray(prices)
      ? prices.map(({ constraint, prices: some }) => ({
          ...(constraint === undefined ? {} : { constraint }),
          prices: used(some),
        }))
      : used(prices),
  }));
}

function used(prices) {
  return Object.fromEntries(KEYS.filter((key) => key in prices).map((key) => [key, prices[key]]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const target = fileURLToPath(new URL('../src/usage/prices/anthropic-models.ts', import.meta.url));
  const text = `import type { ListedModel } from './listed-model.js';

// Written by scripts/build-prices.mjs.

/** Anthropic's models in the price package, in the order in which a name is matched. */
export const ANTHROPIC_MODELS: readonly ListedModel[] = ${JSON.stringify(anthropicModels())};
`;
  writeFileSync(target, text);
  execFileSync('npx', ['biome', 'format', '--write', target], { stdio: 'inherit' });
}
