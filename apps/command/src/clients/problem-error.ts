import type { Problem } from '#api';
import { AppError } from '#errors';

/** The registry answered that a request failed. */
export class ProblemError extends AppError {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code, problem.detail, problem.status >= 500 || problem.status === 429);
    this.status = problem.status;
    this.problem = problem;
  }
}

export const isProblem = (error: unknown, ...statuses: readonly number[]): error is ProblemError =>
  error instanceof ProblemError && (statuses.length === 0 || statuses.includes(error.status));
