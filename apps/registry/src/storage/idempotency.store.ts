import { permanent } from '#errors';
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** What a POST was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A POST that may come again. */
export interface RepeatableRequest {
  /** Who asks: one's keys are one's own. */
  readonly subject: string;
  /** The header Idempotency-Key. */
  readonly key: string;
  /** Where it is sent, e.g. `POST /api/v1/projects`. */
  readonly route: string;
  readonly body: unknown;
}

/**
 * Does the work once per key, within the caller's transaction: what was done and that it was done are committed
 * together, and a request that comes again meanwhile waits for the first. Keys count for 24 hours.
 *
 * @throws permanent `idempotency.other_request` where the key was used for something else
 */
export async function once(
  manager: EntityManager,
  request: RepeatableRequest,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer> {
  const { subject, key } = request;
  const print = createHash('sha256')
    .update(JSON.stringify([request.route, request.body]))
    .digest('base64url');
  await manager.query(`delete from idempotency_key where created_at < now() - interval '24 hours'`);
  const inserted = await manager.query<unknown[]>(
    `insert into idempotency_key (subject, key, request) values ($1, $2, $3) on conflict do nothing returning 1`,
    [subject, key, print],
  );
  if (inserted.length === 0) return kept(manager, request, print);
  const answer = await work();
  await manager.query(
    'update idempotency_key set status = $3, headers = $4, body = $5 where subject = $1 and key = $2',
    [subject, key, answer.status, JSON.stringify(answer.headers), JSON.stringify(answer.body ?? null)],
  );
  return answer;
}

async function kept(
  manager: EntityManager,
  { subject, key }: RepeatableRequest,
  print: string,
): Promise<KeptAnswer> {
  const [row] = await manager.query<(KeptAnswer & { readonly request: string })[]>(
    'select request, status, headers, body from idempotency_key where subject = $1 and key = $2',
    [subject, key],
  );
  if (row?.request === print) return { status: row.status, headers: row.headers, body: row.body };
  throw permanent('idempotency.other_request', 'this Idempotency-Key was used for another request', {
    level: 'info',
  });
}
