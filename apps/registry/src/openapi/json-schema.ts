import { z } from 'zod';

/** As JSON Schema 2020-12, which is what OpenAPI 3.1 takes. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas with a name of their own (`.meta({ id })`), gathered while others are told. */
export type Components = Record<string, unknown>;

/** A schema as the document tells it; what has a name of its own goes to the components and is referred to. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonSchema {
  const { $schema: _dialect, $defs, ...shape } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = redirected(definition);
  return redirected(shape) as JsonSchema;
}

function redirected(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as unknown;
}
