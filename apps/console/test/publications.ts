import { createHash } from 'node:crypto';
import { type Bus, connectBus, silentLogger } from '#bus';
import { imagePublished, imagePublishFailed, imagePublishing, imageUnpublished } from '#contracts';
import { waitFor } from '#lab';
import type { ConsoleWorld } from './console-world.js';

/** What a publisher would say; it is not there. */
export interface Sayings {
  publishing(repository: string, tag: string, done: Done): Promise<void>;
  published(repository: string, tag: string): Promise<void>;
  failed(repository: string, tag: string): Promise<void>;
  unpublished(repository: string, tag: string): Promise<void>;
}

/** How far a publication says it is; its totals are always the same. */
export interface Done {
  readonly bytesDone: number;
  readonly filesDone: number;
}

/** Says on the bus what a publisher would; each is done when the registry has heard it. */
export async function publications({
  amqpUrl,
  ask,
}: ConsoleWorld): Promise<{ readonly say: Sayings; readonly bus: Bus; readonly close: () => Promise<void> }> {
  const bus = connectBus({ url: amqpUrl, service: 'cvmfs-publisher', logger: silentLogger });
  await bus.started();
  const heard = (digest: string, state: string): Promise<unknown> =>
    waitFor(
      async () => {
        const { items } = (await ask('GET', `/api/v1/publications?digest=${digest}&state=${state}`)) as {
          readonly items: readonly unknown[];
        };
        return items.length > 0;
      },
      { what: `${digest} as ${state}` },
    );
  const say: Sayings = {
    publishing: async (repository, tag, done) => {
      const step = { step: 'unpack' as const, attempt: 1, layers: 7, bytes: 48_000_000, ...done };
      await bus.publish(imagePublishing, { ...image(repository, tag), ...step });
      await heard(image(repository, tag).digest, 'publishing');
    },
    published: async (repository, tag) => {
      await bus.publish(imagePublished, { ...image(repository, tag), ...outcome(tag) });
      await heard(image(repository, tag).digest, 'published');
    },
    failed: async (repository, tag) => {
      await bus.publish(imagePublishFailed, { ...image(repository, tag), ...failure });
      await heard(image(repository, tag).digest, 'failed');
    },
    unpublished: async (repository, tag) => {
      const { path } = outcome(tag);
      const unreferencedAt = new Date().toISOString();
      await bus.publish(imageUnpublished, { ...image(repository, tag), path, unreferencedAt });
      await heard(image(repository, tag).digest, 'unpublished');
    },
  };
  return { say, bus, close: () => bus.close() };
}

/** What an image is called by a publisher. */
export const image = (repository: string, tag: string) => ({
  cvmfsRepository: 'unpacked.example.org',
  registry: repository.startsWith('library/') ? 'docker.io' : 'registry.example.org',
  repository,
  tags: [tag],
  digest: `sha256:${createHash('sha256').update(`${repository}:${tag}`).digest('hex')}`,
  platform: 'linux/amd64',
});

const outcome = (tag: string) => ({
  path: `/cvmfs/unpacked.example.org/.flat/${tag}`,
  links: [`docker.io/library/debian:${tag}`],
  files: 9_412,
  directories: 1_103,
  bytes: 124_311_040,
  attempt: 1,
  seconds: { waiting: 0.4, fetch: 3.1, unpack: 6.2, transaction: 0.2, publish: 4.9, total: 13.4 },
});

const failure = {
  step: 'unpack' as const,
  code: 'layer.path_escapes',
  reason: 'layer 3 of 5 holds ../../etc/passwd, which leads out of the image: nothing of it was published',
  willRetry: false,
  attempt: 1,
  seconds: { total: 2.1 },
};
