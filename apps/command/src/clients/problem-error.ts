import type { Problem } from '#api';
import { AppError } from '#errors';

/** What a field is called to the person who wrote it, e.g. `slipway.yml:12:9: sources[0].kind`. */
export type PlaceOf = (path: readonly (string | number)[]) => string;

/** What the command adds to a problem of the registry, which knows neither the file nor who typed. */
export interface ProblemTold {
  /** Where the fields are that it names; by their names alone unless told. */
  readonly placeOf?: PlaceOf;
  /** What to do about it. */
  readonly advice?: string;
}

/** The registry answered that a request failed. */
export class ProblemError extends AppError {
  readonly status: number;

  constructor(
    readonly problem: Problem,
    readonly told: ProblemTold = {},
  ) {
    super(problem.code, problem.detail, problem.status >= 500 || problem.status === 429);
    this.status = problem.status;
  }
}

/** Whether the registry refused with one of these statuses, or with any where none is named. */
export const isProblem = (error: unknown, ...statuses: readonly number[]): error is ProblemError =>
  error instanceof ProblemError && (statuses.length === 0 || statuses.includes(error.status));
