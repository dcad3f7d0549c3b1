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
import type { z } from 'zod';
import { type FieldIssue, FieldsRefused } from '../domain/fields-refused.js';
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

function check(request: FastifyRequest, operation: OperationParts): void {
  const { params, query, headers, body, keepsBodyAsWritten, keepsUnknownQuery = false } = operation;
  const issues: FieldIssue[] = [];
  const checked = (schema: z.ZodType | undefined, value: unknown, place: string): unknown => {
    const result = schema?.safeParse(value);
    if (result?.success === true) return result.data;
    if (schema)
      issues.push(...issuesOf(schema, value).map((issue) => ({ ...issue, path: [place, ...issue.path] })));
    return value;
  };
  // Without a schema a route takes no parameters: a misspelt one must not be let be.
  const seen = {
    params: checked(params, request.params, 'path'),
    query: checked(keepsUnknownQuery ? query : query?.strict(), request.query, 'query'),
    headers: checked(headers?.loose(), request.headers, 'header'),
  };
  if (query === undefined)
    issues.push(...Object.keys(request.query as object).map((name) => notTaken(['query', name])));
  if (issues.length > 0) throw refused('request.invalid_parameters', issues);
  request.params = seen.params;
  request.query = seen.query;
  if (!body || operation.checksBodyItself === true) return;
  const result = body.safeParse(request.body);
  if (!result.success) throw refused('request.invalid', issuesOf(body, request.body));
  if (keepsBodyAsWritten !== true) request.body = result.data;
}

const notTaken = (path: readonly string[]): FieldIssue => ({
  path,
  message: 'is not a parameter of this route',
});

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
