import type { BackendSettings } from '#contracts';
import { permanent } from '#errors';
import { type BackendKind, type GridBackend, type GridIdentity, openBackend } from '#grid';
import type { Logger } from '#service';
import type { Configured } from '../configured.js';

/** `house` tells this installation's jobs from others' in the same batch system. */
export interface GridsParts {
  readonly kinds: readonly BackendKind[];
  readonly configured: Configured;
  readonly house: string;
  /** Where backends keep what they need to keep; the same for all services of the machine. */
  readonly stateDirectory: string;
  readonly log: Logger;
}

interface OpenGrid {
  readonly settings: string;
  readonly grid: Promise<GridBackend>;
}

/** The batch systems, each opened once it is needed and anew when its settings change. */
export class Grids {
  private readonly open = new Map<string, OpenGrid>();

  constructor(private readonly parts: GridsParts) {}

  /**
   * @throws permanent `grid.unknown_backend` where none is configured by this name
   */
  async of(name: string): Promise<GridBackend> {
    const settings = this.parts.configured.backends.find((backend) => backend.name === name);
    if (!settings)
      throw permanent('grid.unknown_backend', `no backend ${name} is configured`, { subject: name });
    const text = JSON.stringify(settings);
    const known = this.open.get(name);
    if (known?.settings === text) return known.grid;
    this.close(known);
    const grid = this.opened(settings);
    this.open.set(name, { settings: text, grid });
    grid.catch(() => this.open.get(name)?.grid === grid && this.open.delete(name));
    return grid;
  }

  async closeAll(): Promise<void> {
    const grids = [...this.open.values()].map(({ grid }) => grid.then((one) => one.close()));
    await Promise.allSettled(grids);
  }

  private opened(settings: BackendSettings): Promise<GridBackend> {
    const { kinds, house, stateDirectory: directory, log: logger } = this.parts;
    return openBackend(kinds, { settings, house, own: this.own(settings), directory, logger });
  }

  private own({ credential: name }: BackendSettings): GridIdentity | undefined {
    const { configured } = this.parts;
    const credential = configured.credentials.find((one) => one.name === name);
    if (!credential) return undefined;
    const { type, username } = credential;
    return { name: credential.name, type, username, secret: () => configured.secretOf(credential.name) };
  }

  private close(known: OpenGrid | undefined): void {
    known?.grid.then((grid) => grid.close()).catch(() => undefined);
  }
}
