import type { Problem as ApiProblem } from '#api';

/** What the API says when it refuses; an answer that is not the API's, or none, has only the words for it. */
export type Problem = Pick<ApiProblem, 'title' | 'status'> & Partial<ApiProblem>;

/** An answer that was no success. `status` is 0 when there was no answer at all. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Reads an answer that was no success; a proxy's page counts as one without a detail. */
export async function problemOf(response: Response): Promise<Problem> {
  const fallback = { title: response.statusText || `Error ${response.status}`, status: response.status };
  if (!response.headers.get('content-type')?.includes('json')) return fallback;
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? { ...fallback, ...body } : fallback;
  } catch {
    return fallback;
  }
}

/** Any failure as a problem, so that it can be shown in words. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { title: 'Something went wrong in this page', status: 0, detail: String(error) };
}

/** `tags[0]` of `['tags', 0]`. */
export const shownPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
