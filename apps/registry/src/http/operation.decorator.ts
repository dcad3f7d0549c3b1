import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** One way in which a request can succeed. */
export interface Answer {
  readonly means: string;
  /** Of the body; absent where there is none. */
  readonly schema?: z.ZodType;
  /** application/json unless told. */
  readonly type?: string;
  /** Name → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route takes and answers: its line in the OpenAPI document, and what is checked before its handler runs. */
export interface OperationParts {
  readonly summary: string;
  readonly description?: string;
  /** The heading under which the document shows it. */
  readonly tag: string;
  /** Checked before the handler, which finds what the schema made of it. A parameter that it does not name is refused. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Lets parameters be that the query does not name: those of an address that others come back to. */
  readonly keepsUnknownQuery?: boolean;
  /** Lower-case names; headers that it does not name are let be. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Checks the body, but hands it on as it was written. */
  readonly keepsBodyAsWritten?: boolean;
  /** The handler checks the body: its protocol has refusals of its own. */
  readonly checksBodyItself?: boolean;
  /** application/json unless told. */
  readonly bodyType?: string;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Statuses with which it may refuse, besides those that its parts and its need imply. */
  readonly refuses?: readonly number[];
}

/** The metadata in which the check of requests and the OpenAPI document find what a route takes. */
export const OPERATION = Symbol('registry:operation');

/** Stands on every route: the document is made of it, and the service does not start while one lacks it. */
export const Operation = (parts: OperationParts): MethodDecorator => SetMetadata(OPERATION, parts);
