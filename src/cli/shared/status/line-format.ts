import { closest } from '../../../grammar/choice.js';
import { CcsessError } from '../../../system/errors.js';
import { oneLine } from '../../render/text/sanitize.js';

/** A parsed `--format`: literal texts and names of fields. */
export type LineFormat<Field extends string> = readonly (string | { field: Field })[];

const PART = /\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g;

/**
 * Parses a format such as `{id8} {title}`; `{{` and `}}` stand for braces. Throws USAGE for an unknown field and for an
 * unmatched brace.
 */
export function parseFormat<Field extends string>(text: string, fields: readonly Field[]): LineFormat<Field> {
  const parts: (string | { field: Field })[] = [];
  for (const [part, name] of text.matchAll(PART)) {
    if (part === '{{' || part === '}}') parts.push(part.slice(1));
    else if (part === '{' || part === '}')
      throw new CcsessError('USAGE', `--format: unmatched ${part}: write ${part}${part} for the character itself.`);
    else if (name === undefined) parts.push(part);
    else parts.push({ field: fieldOf(name, fields) });
  }
  return parts;
}

/** Returns the names of the fields in a format. */
export function fieldsIn<Field extends string>(format: LineFormat<Field>): ReadonlySet<Field> {
  return new Set(format.flatMap((part) => (typeof part === 'string' ? [] : part.field)));
}

/** Returns the line with values made safe to print; unknown values are empty. */
export function formatLine<Field extends string>(
  format: LineFormat<Field>,
  values: Readonly<Record<Field, string | number | null>>,
): string {
  return format.map((part) => (typeof part === 'string' ? part : oneLine(String(values[part.field] ?? '')))).join('');
}

function fieldOf<Field extends string>(name: string, fields: readonly Field[]): Field {
  const field = fields.find((one) => one === name);
  if (field !== undefined) return field;
  const near = closest(name, fields);
  const meant = near === null ? '' : ` (did you mean {${near}}?)`;
  throw new CcsessError('USAGE', `--format: no field {${name}}${meant}; fields: ${fields.join(', ')}.`);
}
