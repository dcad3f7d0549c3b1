import { connectBus, type Bus } from '#bus';
import { imageDeleted, imagePublish, imagePushed, imageUnpublish, type InputOf } from '#contracts';
import {
  directoryEnvironment,
  type DockerRegistryServer,
  type Environment,
  partnersEnvironment,
  type RegistryNotification,
  startDockerRegistry,
} from '#embedded';
import { isolatedSchema, isolatedVhost, spawnService, type SpawnedService } from '#lab';
import { buildLayer, pushImage, type LayerEntry } from '#oci';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { keyRingText } from '../stand-ins/registry.js';
import { recordEvents, type Recorder } from './recorder.js';

/** The CVMFS repository that the image rules of this world lead to. */
export const cvmfsRepository = 'unpacked.example.org';

/** What differs from a world with one registry, one CVMFS repository and no relay. */
export interface WorldOptions {
  /** `import.meta.url` of the test file. */
  readonly testPath: string;
  /** The CVMFS repository in slipway.yml, where it is no plain directory of the world's own. */
  readonly repository?: { readonly name?: string } & Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A broker of the test's own; the run's unless told. */
  readonly amqpUrl?: string;
  /** The registry itself sends its notifications to a relay on this port; `startRelay` starts it. */
  readonly relayPort?: number;
  /** Further registries besides the real one, by host. */
  readonly registries?: readonly string[];
}

/** Everything real that a publisher meets: broker, database, registry and a CVMFS repository, each the test's own. */
export class PublisherWorld {
  private readonly services: SpawnedService[] = [];

  private constructor(
    readonly directory: string,
    readonly registry: DockerRegistryServer,
    readonly bus: Bus,
    readonly recorder: Recorder,
    readonly database: Client,
    private readonly environment: Environment &
      Readonly<Record<'SLIPWAY_AMQP_URL' | 'SLIPWAY_CONFIG', string>>,
  ) {}

  static async create(options: WorldOptions): Promise<PublisherWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-world-'));
    const [amqpUrl, postgres, registry] = await Promise.all([
      options.amqpUrl ?? isolatedVhost(options.testPath).then(({ url }) => url),
      isolatedSchema(options.testPath),
      startDockerRegistry({
        directory: join(directory, 'registry'),
        ...(options.relayPort !== undefined && { notifications: [notification(options.relayPort)] }),
      }),
    ]);
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const bus = connectBus({ url: amqpUrl, service: 'test', logger: silent });
    await bus.started();
    const root = join(directory, 'cvmfs');
    await mkdir(root);
    const own = directoryEnvironment(directory);
    // JSON is YAML.
    await writeFile(
      own.SLIPWAY_CONFIG,
      JSON.stringify(slipwayFile(root, [registry.host, ...(options.registries ?? [])], options)),
    );
    const search = `-c search_path=${postgres.schema}`;
    const database = new Client({ connectionString: postgres.url, options: search });
    await database.connect();
    return new PublisherWorld(directory, registry, bus, await recordEvents(amqpUrl), database, {
      ...own,
      ...partnersEnvironment({ amqpUrl, keyRing: keyRingText, postgres }),
      SLIPWAY_RETRY_SECONDS: '1,1,2,2',
      SLIPWAY_CLEAN_UP_SECONDS: '1',
      ...options.env,
    });
  }

  get amqpUrl(): string {
    return this.environment.SLIPWAY_AMQP_URL;
  }

  get root(): string {
    return join(this.directory, 'cvmfs');
  }

  async startPublisher(env: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
    const service = await spawnService('cvmfs-publisher', { ...this.environment, ...env });
    this.services.push(service);
    return service;
  }

  async startRelay(port: number): Promise<SpawnedService> {
    const { SLIPWAY_AMQP_URL, SLIPWAY_CONFIG } = this.environment;
    const service = await spawnService('webhook-relay', {
      SLIPWAY_AMQP_URL,
      SLIPWAY_CONFIG,
      SLIPWAY_HTTP_PORT: String(port),
      REGISTRY_SECRET: secret,
    });
    this.services.push(service);
    return service;
  }

  /** Builds an image of these layers, pushes it to the real registry and returns its digest. */
  async push(
    repository: string,
    tag: string,
    layers: readonly (readonly LayerEntry[])[],
    config = {},
  ): Promise<string> {
    const built = await Promise.all(layers.map((entries) => buildLayer(entries)));
    const target = { registry: this.registry.host, repository };
    const { digest } = await pushImage({ ...target, tags: [tag], layers: built, config });
    return digest;
  }

  /** Says what a webhook would have said. */
  async announce(
    image: Partial<InputOf<typeof imagePushed>> & { repository: string },
    id?: string,
  ): Promise<void> {
    const payload = { registry: this.registry.host, source: 'test', verified: true, ...image };
    await this.bus.publish(imagePushed, payload, id === undefined ? {} : { id });
  }

  async announceDeletion(image: { repository: string; tag: string }): Promise<void> {
    await this.bus.publish(imageDeleted, {
      registry: this.registry.host,
      source: 'test',
      verified: true,
      ...image,
    });
  }

  async command(image: Omit<InputOf<typeof imagePublish>, 'registry'>): Promise<void> {
    await this.bus.publish(imagePublish, { registry: this.registry.host, ...image });
  }

  async unpublish(
    image: Omit<InputOf<typeof imageUnpublish>, 'registry' | 'cvmfsRepository'>,
  ): Promise<void> {
    await this.bus.publish(imageUnpublish, { cvmfsRepository, registry: this.registry.host, ...image });
  }

  link(repository: string, tag: string): string {
    return join(this.root, this.registry.host, `${repository}:${tag}`);
  }

  async killAll(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill('SIGKILL')));
  }

  async close(): Promise<void> {
    await this.killAll();
    await Promise.allSettled([
      this.recorder.close(),
      this.bus.close(),
      this.database.end(),
      this.registry.stop(),
    ]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

const secret = 'as unguessable as tests need';

const notification = (port: number): RegistryNotification => ({
  name: 'slipway',
  url: `http://127.0.0.1:${port}/hooks/registry`,
  headers: { Authorization: `Bearer ${secret}` },
});

function slipwayFile(root: string, hosts: readonly string[], { repository = {} }: WorldOptions): object {
  return {
    sources: [
      {
        name: 'registry',
        kind: 'distribution',
        registry: hosts[0],
        repositories: ['**'],
        secrets: [{ env: 'REGISTRY_SECRET' }],
      },
    ],
    cvmfsRepositories: [{ name: cvmfsRepository, driver: 'directory', path: root, ...repository }],
    imageRules: hosts.map((host, n) => ({
      name: `rule-${n}`,
      registry: host,
      repository: '**',
      cvmfsRepository: repository.name ?? cvmfsRepository,
    })),
    registries: hosts.map((host) => ({ host, insecure: true })),
  };
}
