import type { ByteString } from '../tar/byte-string.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { permanent } from '#errors';
import { showBytes } from '../tar/byte-string.js';

/** Counts by reason of what an image holds and its tree does not. */
export class LeftOut {
  private readonly counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    if (count > 0) this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Devices that container engines make anew in every container, so that a tree does without them. */
const harmlessDevices = new Set(['null', 'zero', 'full', 'random', 'urandom', 'tty', 'console', 'ptmx']);

/** Throws `layer.device_node` for a device that a tree would be wrong without. */
export function verifyDevice(entry: TarEntry, parts: readonly ByteString[]): void {
  const [directory, name, ...deeper] = parts;
  const known = directory === 'dev' && deeper.length === 0 && harmlessDevices.has(name ?? '');
  if (known && entry.type === 'character') return;
  throw permanent(
    'layer.device_node',
    `the layer holds the ${entry.type} device ${showBytes(entry.path)} (${entry.deviceMajor}:${entry.deviceMinor})`,
  );
}
