import type { ListedModel } from '../src/usage/prices/listed-model.js';

/** Returns Anthropic's models in the price package, as far as they are used. */
export function anthropicModels(): ListedModel[];
