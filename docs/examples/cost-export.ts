// Costs by month and model as CSV, with the prices they were counted at.
import { listPrices, stats } from 'ccsess';

const { rows } = await stats({ by: ['month', 'model'], timeZone: 'UTC' });
console.log('month,model,tokens,costUsd');
for (const { keys, tokens, costUsd } of rows) console.log([...keys, tokens.total, costUsd ?? ''].join(','));

const { prices, models } = await listPrices({ models: ['claude-opus-4-5', 'claude-haiku-4-5'] });
console.error(prices.map(({ name, date }) => `${name} ${date ?? ''}`).join(', '));
for (const { model, rates } of models) console.error(model, rates?.input, rates?.output);
