import { permanent } from '#errors';
import type { BackendKind, BackendOptions, GridBackend } from './backend.js';

/**
 * Opens a batch system by its settings.
 * @throws AppError permanent `grid.unknown_kind` where no built-in or plugin is of that kind
 */
export function openBackend(kinds: readonly BackendKind[], options: BackendOptions): Promise<GridBackend> {
  const { name, kind, plugin } = options.settings;
  const wanted = kind === 'plugin' ? plugin : kind;
  const found = kinds.find((one) => one.kind === wanted);
  if (found) return found.open(options);
  const known = kinds.map((one) => one.kind).join(', ');
  throw permanent(
    'grid.unknown_kind',
    `backend ${name}: no batch system of kind ${wanted} is installed (there is ${known})`,
    { subject: name },
  );
}
