import { schemaProblems } from '#settings';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { type FieldIssue, FieldsRefused } from '../domain/fields-refused.js';
import { unstorableTexts } from './unstorable-texts.js';
import { OPERATION, type OperationParts } from './operation.decorator.js';

/** Checks what a request says against what its route declares, before the handler sees it. */
@Injectable()
export class RequestCheck implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  /** @throws FieldsRefused `request.invalid_parameters`, `request.invalid` */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const operation = this.reflector.get<OperationParts | undefined>(OPERATION, context.getHandler());
    if (operation && context.getType() === 'http')
      check(context.switchToHttp().getRequest<FastifyRequest>(), operation);
    return next.handle();
  }
}

/** An operation's schemas as they are applied: making a schema costs more than applying it. */
interface Schemas {
  readonly params: z.ZodType | undefined;
  /** Without one a route takes no parameters: a misspelt one must not be let be. */
  readonly query: z.ZodType;
  readonly headers: z.ZodType | undefined;
}

const prepared = new WeakMap<OperationParts, Schemas>();
const noQuery = z.strictObject({});

function schemasOf(operation: OperationParts): Schemas {
  const known = prepared.get(operation);
  if (known) return known;
  const { params, query, headers, keepsUnknownQuery = false } = operation;
  const schemas = {
    params,
    query: (keepsUnknownQuery ? query : query?.strict()) ?? noQuery,
    headers: headers?.loose(),
  };
  prepared.set(operation, schemas);
  return schemas;
}

function check(request: FastifyRequest, operation: OperationParts): void {
  const { params, query, headers } = schemasOf(operation);
  const issues: FieldIssue[] = [];
  const checked = (schema: z.ZodType, value: unknown, place: string): unknown => {
    const result = schema.safeParse(value);
    issues.push(
      ...(result.success ? unstorableTexts(value, []) : issuesOf(schema, value)).map((issue) => ({
        ...issue,
        path: [place, ...issue.path],
      })),
    );
    return result.data;
  };
  if (params) request.params = checked(params, request.params, 'path');
  request.query = checked(query, request.query, 'query');
  if (headers) checked(headers, request.headers, 'header');
  if (issues.length > 0) throw refused('request.invalid_parameters', issues);
  checkBody(request, operation);
}

function checkBody(request: FastifyRequest, operation: OperationParts): void {
  const { body, keepsBodyAsWritten, checksBodyItself } = operation;
  if (!body || checksBodyItself === true) return;
  const result = body.safeParse(request.body);
  const issues = result.success ? unstorableTexts(request.body, []) : issuesOf(body, request.body);
  if (issues.length > 0) throw refused('request.invalid', issues);
  if (keepsBodyAsWritten !== true) request.body = result.data;
}

const issuesOf = (schema: z.ZodType, value: unknown): readonly FieldIssue[] =>
  schemaProblems(schema, value).map(({ path, message }) => ({ path, message }));

/** @returns what says of each field what is wrong with it */
export function refused(code: string, issues: readonly FieldIssue[]): FieldsRefused {
  const told = issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim());
  const more = issues.length > told.length ? `; and ${issues.length - told.length} more` : '';
  return new FieldsRefused(code, told.join('; ') + more, issues);
}
