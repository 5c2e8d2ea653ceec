import type { SessionRecord } from '../../session-index/record.js';
import { reportRelation } from '../../usage/reported.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import { formatUsd } from './money.js';
import { counted, shortCount } from './text/number.js';
import { oneLine } from './text/sanitize.js';

const SHORT_ID = 8;

/** Returns the header's lines about costs with their labels; none for a session without tokens. */
export function costFields(record: SessionRecord, costs: SessionCosts): [label: string, text: string][] {
  const { reportedCostUsd } = record;
  return [
    ...(costs.all.tokens.total === 0 ? [] : [['cost', costText(record, costs)] satisfies [string, string]]),
    ...(reportedCostUsd === null
      ? []
      : [
          ['reported', `${formatUsd(reportedCostUsd)} by Claude Code${explained(record, costs)}`] satisfies [
            string,
            string,
          ],
        ]),
  ];
}

function costText({ forkedFrom }: SessionRecord, { all, own }: SessionCosts): string {
  const unpriced = [...all.unpriced]
    .map(([model, tokens]) => `${shortCount(tokens)} tokens of ${oneLine(model)}`)
    .join(', ');
  const whole =
    unpriced === ''
      ? `${formatUsd(all.pricedUsd)} at API list prices`
      : `${all.priced ? `${formatUsd(all.pricedUsd)} at API list prices, and ` : ''}${unpriced}: no price is known`;
  if (own.responses === all.responses) return whole;
  const from = forkedFrom === null ? 'inherited' : `inherited from ${forkedFrom.id.slice(0, SHORT_ID)}`;
  return own.responses === 0
    ? `${whole}; all of it ${from}`
    : `${whole}; ${formatUsd(own.knownUsd)} its own, the rest ${from}`;
}

function explained(record: SessionRecord, costs: SessionCosts): string {
  const relation = reportRelation(record, costs);
  switch (relation) {
    case null:
      return '';
    case 'same':
      return ', the same';
    case 'from-fork':
      return ': it counts from the fork on';
    case 'prices':
      return ': at other prices';
    case 'default-price':
      return ': at a default price, since it had none for a model';
    case 'more':
      return ': more than the answers here cost';
    case 'fewer':
      return ': less than the answers here cost';
    case 'compactions':
      return `: including ${counted(record.compactions, 'compaction')}, which left no answer here`;
    case 'parent':
      return ': including all costs of its parent';
    case 'side-calls':
      return ': including calls that left no answer here';
    case 'older':
      return ': reported before the last answers';
    case 'less':
      return ': without some answers, as after an interruption or with a second process';
    default:
      return relation satisfies never;
  }
}
