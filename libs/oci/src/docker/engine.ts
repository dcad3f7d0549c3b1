import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Credentials } from '../registry/authorizer.js';
import { engineError } from './engine-error.js';

/** Where the engine listens. */
export type EngineAddress =
  | { readonly socketPath: string }
  | {
      readonly protocol?: 'http' | 'https';
      readonly host: string;
      readonly port: number;
      /** PEM texts, for an engine that asks its clients for certificates. */
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
    };

/** What the engine knows of an image. */
export interface EngineImage {
  readonly id: string;
  readonly repoDigests: readonly string[];
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly string[];
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  /** As they came: nothing is known of them. */
  readonly labels: unknown;
}

/** The calls to a Docker engine that reading an image needs. Errors are AppErrors `docker.*` or `registry.*`. */
export class Engine {
  private loaded: Promise<Docker> | undefined;

  constructor(private readonly address: EngineAddress) {}

  /** Has the engine pull; returns the digest that it says it pulled. */
  async pull(
    reference: string,
    platform: string,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.guarded(signal, async () => {
      const options = { platform, abortSignal: signal, ...authentication(credentials) };
      const docker = await this.docker();
      const progress = (await docker.pull(reference, options)) as Readable;
      const stop = (): void => void progress.destroy(new Error('aborted'));
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await lastDigest(docker, progress);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    });
  }

  /** Nothing when the engine does not have the image. */
  async inspect(reference: string, signal: AbortSignal): Promise<EngineImage | undefined> {
    const info = await this.guarded(signal, async () =>
      (await this.docker())
        .getImage(reference)
        .inspect()
        .catch((error: unknown) => {
          if ((error as { statusCode?: number }).statusCode === 404) return undefined;
          throw error;
        }),
    );
    if (info === undefined) return undefined;
    return {
      id: info.Id,
      repoDigests: info.RepoDigests ?? [],
      diffIds: info.RootFS.Layers ?? [],
      os: info.Os,
      architecture: info.Architecture,
      variant: (info as { Variant?: string }).Variant || undefined,
      labels: (info.Config as { Labels?: unknown } | null | undefined)?.Labels,
    };
  }

  /** The image as a tar stream, as `docker save` writes it. */
  async save(reference: string, signal: AbortSignal): Promise<Readable> {
    return this.guarded(signal, async () => {
      const docker = await this.docker();
      return (await docker.getImage(reference).get()) as Readable;
    });
  }

  /** Takes a name from an image; the engine removes what has none left. Failing is no harm. */
  async forget(reference: string): Promise<void> {
    const docker = await this.docker();
    await docker
      .getImage(reference)
      .remove()
      .catch(() => undefined);
  }

  /** Loaded once an engine is asked: it is as much as all else together, and most services ask none. */
  private docker(): Promise<Docker> {
    this.loaded ??= import('dockerode').then(({ default: Loaded }) => new Loaded(this.address));
    return this.loaded;
  }

  private async guarded<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw engineError(error, signal);
    }
  }
}

function authentication(credentials: Credentials | undefined): object {
  if (credentials === undefined) return {};
  const authconfig = 'token' in credentials ? { registrytoken: credentials.token } : { ...credentials };
  return { authconfig };
}

/** The digest in the pull's last words: an image may have several, and only this one is of this pull. */
async function lastDigest(docker: Docker, progress: Readable): Promise<string | undefined> {
  const said = await new Promise<readonly { status?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(progress, (error, output: { status?: string }[]) =>
      error ? reject(error) : resolve(output),
    );
  });
  for (const { status } of said.toReversed()) {
    const digest = /^Digest: (sha256:[0-9a-f]{64})$/.exec(status ?? '')?.[1];
    if (digest) return digest;
  }
  return undefined;
}
