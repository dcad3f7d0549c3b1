import type { BackendSettings } from '#contracts';
import { type BackendKind, type GridBackend, openBackend } from '#grid';
import type { EngineLog } from '../engine/parts.js';
import type { Identities } from './identities.js';

/** `house` tells this installation's jobs from others' in the same batch system. */
export interface OpenBackendsOptions {
  readonly kinds: readonly BackendKind[];
  readonly house: string;
  readonly directory: string;
  readonly identities: Identities;
  readonly log: EngineLog;
}

/** Batch systems, each opened once, and anew when its settings change. */
export class OpenBackends {
  private readonly known = new Map<
    string,
    { readonly settings: string; readonly backend: Promise<GridBackend> }
  >();

  constructor(private readonly options: OpenBackendsOptions) {}

  /** Rejects with what the kind of batch system rejects with, and tries anew the next time. */
  async open(settings: BackendSettings): Promise<GridBackend> {
    const { name } = settings;
    const text = JSON.stringify(settings);
    const known = this.known.get(name);
    if (known?.settings === text) return known.backend;
    const backend = this.begin(settings);
    this.known.set(name, { settings: text, backend });
    backend.catch(() => this.known.get(name)?.backend === backend && this.known.delete(name));
    if (known) void this.close(known.backend);
    return backend;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.known.values()].map(({ backend }) => this.close(backend)));
  }

  private async begin(settings: BackendSettings): Promise<GridBackend> {
    const { kinds, house, directory, identities, log } = this.options;
    return openBackend(kinds, { settings, house, directory, own: identities.own(settings), logger: log });
  }

  private async close(backend: Promise<GridBackend>): Promise<void> {
    try {
      await (await backend).close();
    } catch (err) {
      this.options.log.warn({ err }, 'a batch system was not closed');
    }
  }
}
