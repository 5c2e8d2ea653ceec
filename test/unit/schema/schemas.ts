import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Parts of a JSON schema that the tests read. */
export interface Schema {
  $id?: string;
  type?: string | string[];
  description?: string;
  additionalProperties?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  $defs?: Record<string, Schema>;
}

const FOLDER = fileURLToPath(new URL('../../../docs/schema', import.meta.url));

/** The published schemas by name (`session`, `message` …). */
export const SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file.replace('.schema.json', ''), JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Schema]),
);

const published = readerOf((schema) => schema);
const strict = readerOf(closed);

/**
 * Returns a function that describes the faults of a value, '' for none. Members that the schema does not name are
 * faults.
 */
export function validator(name: string): (value: unknown) => string {
  return validatorOf(strict, name);
}

/** As `validator`, but with the schema as it is published, which allows further members. */
export function openValidator(name: string): (value: unknown) => string {
  return validatorOf(published, name);
}

function readerOf(change: (schema: Schema) => Schema): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  for (const schema of Object.values(SCHEMAS)) ajv.addSchema(change(schema));
  return ajv;
}

function validatorOf(ajv: Ajv2020, name: string): (value: unknown) => string {
  const validate = ajv.getSchema(`${name}.schema.json`) as ValidateFunction;
  return (value) => (validate(value) === true ? '' : ajv.errorsText(validate.errors));
}

/** The schema with every object that names its members closed to others. */
function closed(schema: Schema): Schema {
  const copy = structuredClone(schema);
  for (const [, object] of objectSchemas(copy, '')) object.additionalProperties = false;
  return copy;
}

/** Every object schema in a schema, itself included, with the path to it. */
export function objectSchemas(schema: Schema, path: string): [string, Schema][] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(([key, value]) => [`${path}.${key}`, value] as const),
    ...Object.entries(schema.$defs ?? {}).map(([key, value]) => [`${path}#${key}`, value] as const),
    ...(schema.items === undefined ? [] : [[`${path}[]`, schema.items] as const]),
    ...(schema.oneOf ?? []).map((value, at) => [`${path}|${at}`, value] as const),
  ];
  return [
    ...(schema.properties === undefined ? [] : [[path, schema] as [string, Schema]]),
    ...inner.flatMap(([at, value]) => objectSchemas(value, at)),
  ];
}
