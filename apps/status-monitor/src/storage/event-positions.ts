import { databaseError } from '#database';
import type { DataSource } from 'typeorm';

/** Up to where a batch system's event log was read; undefined where it never was. */
export async function eventPosition(dataSource: DataSource, backend: string): Promise<string | undefined> {
  const [row] = await dataSource
    .query<{ position: string }[]>('select position from event_position where backend = $1', [backend])
    .catch(rethrow);
  return row?.position;
}

/** Notes up to where a backend's events have been read, in the backend's own terms. */
export async function keepEventPosition(
  dataSource: DataSource,
  backend: string,
  position: string,
): Promise<void> {
  await dataSource
    .query(
      `insert into event_position (backend, position) values ($1, $2)
       on conflict (backend) do update set position = excluded.position`,
      [backend, position],
    )
    .catch(rethrow);
}

function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? thrown;
}
