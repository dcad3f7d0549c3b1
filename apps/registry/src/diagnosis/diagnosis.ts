import type { Diagnosis, Finding } from '#api';
import { type Bus, lookAtQueues, type QueueLook, withBroker } from '#bus';
import { backendResource, gitlabServerResource, listeners, queues } from '#contracts';
import { toAppError } from '#errors';
import type { DataSource } from 'typeorm';
import { askAddress } from '../clients/address-probe.js';
import { addressOf, backendFinding } from '../domain/backend-findings.js';
import { copiesFinding, copyPatienceMs } from '../domain/copy-findings.js';
import { gitlabFinding } from '../domain/gitlab-findings.js';
import {
  brokenPart,
  cvmfsFinding,
  deadLettersFinding,
  queueFinding,
  subscriptionsFinding,
} from '../domain/findings.js';
import type { CopyStore } from '../storage/copy.store.js';
import type { DeliveryStore } from '../storage/delivery.store.js';
import type { LaneStore } from '../storage/lane.store.js';
import { listResources } from '../storage/resource-list.js';

/** What is asked how it is. `newestRevision` is what every copy of the registry's resources should have. */
export interface DiagnosisParts {
  readonly bus: Pick<Bus, 'state'>;
  readonly amqpUrls: readonly string[];
  readonly dataSource: DataSource;
  readonly lanes: LaneStore;
  readonly deliveries: DeliveryStore;
  readonly copies: CopyStore;
  readonly newestRevision: () => Promise<number>;
}

const own = Object.values(queues);

/** What is well and what is not, and what to do about it. One part that fails hides no other. */
export async function diagnose(parts: DiagnosisParts): Promise<Diagnosis> {
  const found = await Promise.all([
    Promise.resolve([brokerFinding(parts)]),
    guarded(
      'broker queues',
      'see whether the broker answers, and whether its user may look at the queues',
      () => queueFindings(parts),
    ),
    guarded('database', 'see whether PostgreSQL answers at SLIPWAY_POSTGRES_URL', () =>
      databaseFinding(parts),
    ),
    guarded('CVMFS repositories', 'see the database', () => cvmfsFindings(parts)),
    guarded('subscriptions', 'see the database', async () => [
      subscriptionsFinding(await parts.deliveries.summaries()),
    ]),
    guarded('copies', 'see the database', () => copyFindings(parts)),
    guarded('backends', 'see the database', () => backendFindings(parts)),
    guarded('GitLab servers', 'see the database', () => gitlabFindings(parts)),
  ]);
  return { items: found.flat() };
}

function brokerFinding({ bus }: DiagnosisParts): Finding {
  const { ready, status, reason, inFlight, waiting } = bus.state();
  const name = 'broker';
  if (ready)
    return { name, ok: true, detail: `connected; ${inFlight + waiting} messages on their way to it` };
  const advice = 'see whether RabbitMQ answers at SLIPWAY_AMQP_URL, and whether it has room on its disk';
  return { name, ok: false, detail: `${status}: ${reason ?? 'not connected'}`, advice };
}

async function queueFindings({ amqpUrls }: DiagnosisParts): Promise<readonly Finding[]> {
  const looks: readonly QueueLook[] = await withBroker(amqpUrls, (model) =>
    lookAtQueues(
      model,
      own.map(({ name }) => name),
    ),
  );
  return [...looks.map(queueFinding), deadLettersFinding(looks)];
}

async function databaseFinding({ dataSource }: DiagnosisParts): Promise<readonly Finding[]> {
  const [row] = await dataSource.query<{ waiting: string; oldest: Date | null }[]>(
    'select count(*) as waiting, min(occurred_at) as oldest from outbox',
  );
  const waiting = Number(row?.waiting ?? 0);
  const stuck = row?.oldest != null && Date.now() - row.oldest.getTime() > 60_000;
  const name = 'database';
  if (!stuck) return [{ name, ok: true, detail: `answers; ${waiting} messages wait in the outbox` }];
  const detail = `answers; ${waiting} messages wait in the outbox, since ${row.oldest?.toISOString()}`;
  return [
    {
      name,
      ok: false,
      detail,
      advice: 'see the broker: what was changed is not said until it takes messages',
    },
  ];
}

async function cvmfsFindings({ dataSource, lanes }: DiagnosisParts): Promise<readonly Finding[]> {
  const registered = await listResources(dataSource, { kind: 'cvmfs_repository', limit: 1_000 });
  const heard = await lanes.summaries();
  const names = new Set([
    ...registered.map(({ name }) => name),
    ...heard.map((lane) => lane.cvmfsRepository),
  ]);
  if (names.size === 0) {
    const advice = 'register one: slipway cvmfs-repositories create';
    return [{ name: 'CVMFS repositories', ok: true, detail: 'none is registered', advice }];
  }
  const now = new Date();
  return [...names].sort().map((name) =>
    cvmfsFinding(
      name,
      heard.find((lane) => lane.cvmfsRepository === name),
      now,
    ),
  );
}

async function copyFindings({ copies, newestRevision }: DiagnosisParts): Promise<readonly Finding[]> {
  const heard = await copies.recent(copyPatienceMs);
  const newest = await newestRevision();
  const services = listeners.map(({ service }) => service).filter((service) => service !== 'registry');
  return services.map((service) => copiesFinding(service, heard, newest, new Date()));
}

async function backendFindings({ dataSource }: DiagnosisParts): Promise<readonly Finding[]> {
  const backends = await listResources(dataSource, { kind: 'backend', limit: 1_000 });
  if (backends.length === 0) return [{ name: 'backends', ok: true, detail: 'none is registered' }];
  return Promise.all(
    backends.map(async ({ spec }) => {
      const settings = backendResource.schema.parse(spec);
      const address = addressOf(settings);
      return backendFinding(settings, address === undefined ? undefined : await askAddress(address));
    }),
  );
}

async function gitlabFindings({ dataSource }: DiagnosisParts): Promise<readonly Finding[]> {
  const servers = await listResources(dataSource, { kind: 'gitlab_server', limit: 1_000 });
  return servers.map(({ spec }) => gitlabFinding(gitlabServerResource.schema.parse(spec)));
}

async function guarded(
  name: string,
  advice: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (thrown) {
    return [brokenPart(name, toAppError(thrown).code, advice)];
  }
}
