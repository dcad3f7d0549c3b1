/** What the API says when it refuses, RFC 9457 (`application/problem+json`). */
export interface Problem {
  readonly type?: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Stable, e.g. `resource.version_conflict`. */
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** An answer that was no success. `status` is 0 when there was no answer at all. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
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
