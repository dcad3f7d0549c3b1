import { problem, problemType } from '#api';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import type { Need } from '../http/needs.decorator.js';
import type { Answer, OperationParts } from '../http/operation.decorator.js';
import { type Components, jsonSchema } from './json-schema.js';

/** A route's operation object (OpenAPI 3.1, 4.8.10). */
export function operationObject(
  id: string,
  parts: OperationParts,
  need: Need | undefined,
  components: Components,
): object {
  const { summary, description, tag, body, bodyType = 'application/json' } = parts;
  const refusals = refusalsOf(parts, need).map(
    (status) => [String(status), refusal(status, components)] as const,
  );
  const answers = Object.entries(parts.answers).map(
    ([status, answer]) => [status, success(answer, components)] as const,
  );
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    'x-needs': need,
    ...(need === 'nobody' && { security: [] }),
    parameters: [
      ...parametersOf(parts.params, 'path', components),
      ...parametersOf(parts.query, 'query', components),
      ...parametersOf(parts.headers, 'header', components),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: { [bodyType]: { schema: jsonSchema(body, 'input', components) } },
      },
    }),
    responses: merged([...refusals, ...answers]),
  };
}

/** A status can be answered in two types: OAuth's own errors are none of RFC 9457's. */
function merged(responses: readonly (readonly [string, ResponseObject])[]): object {
  const byStatus: Record<string, ResponseObject> = {};
  for (const [status, response] of responses) {
    const content = { ...byStatus[status]?.content, ...response.content };
    byStatus[status] = { ...response, ...(Object.keys(content).length > 0 && { content }) };
  }
  return byStatus;
}

interface ResponseObject {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Readonly<Record<string, object>>;
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: string,
  components: Components,
): readonly object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...shape } = jsonSchema(field as z.ZodType, 'input', components);
    const isRequired = place === 'path' || !(field as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: place,
      required: isRequired,
      ...(description !== undefined && { description }),
      schema: shape,
    };
  });
}

function success(
  { means, schema, type = 'application/json', headers }: Answer,
  components: Components,
): ResponseObject {
  const told = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    description: means,
    ...(told.length > 0 && { headers: Object.fromEntries(told) as object }),
    ...(schema && { content: { [type]: { schema: jsonSchema(schema, 'output', components) } } }),
  };
}

const refusal = (status: number, components: Components): ResponseObject => ({
  description: STATUS_CODES[status] ?? 'refused',
  content: { [problemType]: { schema: jsonSchema(problem, 'output', components) } },
});

/** Any request can be malformed (400), and any part that is needed can be away (503). */
function refusalsOf(
  { body, params, refuses = [] }: OperationParts,
  need: Need | undefined,
): readonly number[] {
  const statuses = [
    400,
    ...(need === 'nobody' ? [] : [401, 403]),
    ...(params ? [404] : []),
    ...(body ? [413, 415, 422] : []),
    ...refuses,
    500,
    503,
  ];
  return [...new Set(statuses)].sort((a, b) => a - b);
}
