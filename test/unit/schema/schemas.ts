import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** What the tests look at in a schema. */
export interface Schema {
  $id?: string;
  type?: string | string[];
  description?: string;
  additionalProperties?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  $defs?: Record<string, Schema>;
}

const FOLDER = fileURLToPath(new URL('../../../docs/schema', import.meta.url));

/** The published schemas by name (`session`, `message` …). */
export const SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace('.schema.json', ''), JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Schema]),
);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
for (const schema of Object.values(SCHEMAS)) ajv.addSchema(schema);

/** A function that returns what is wrong with a value, as text; '' if nothing is. */
export function validator(name: string): (value: unknown) => string {
  const validate = ajv.getSchema(`${name}.schema.json`) as ValidateFunction;
  return (value) => (validate(value) === true ? '' : ajv.errorsText(validate.errors));
}

/** Every object schema in a schema, itself included, with the path to it. */
export function objectSchemas(schema: Schema, path: string): [string, Schema][] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(([key, value]) => [`${path}.${key}`, value] as const),
    ...Object.entries(schema.$defs ?? {}).map(([key, value]) => [`${path}#${key}`, value] as const),
    ...(schema.items === undefined ? [] : [[`${path}[]`, schema.items] as const]),
  ];
  return [
    ...(schema.properties === undefined ? [] : [[path, schema] as [string, Schema]]),
    ...inner.flatMap(([at, value]) => objectSchemas(value, at)),
  ];
}
