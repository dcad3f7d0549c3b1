import { permanent } from '#errors';
import type { IndexEntry, Platform } from './image-document.js';

/** `os/architecture[/variant]` as an object; `image.invalid_platform` when it is no such thing. */
export function parsePlatformName(name: string): Platform {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9]+))?$/.exec(name);
  const [, os, architecture, variant] = match ?? [];
  if (os === undefined || architecture === undefined) {
    throw permanent('image.invalid_platform', `not os/architecture[/variant]: ${JSON.stringify(name)}`);
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** As Docker writes it: `linux/arm64/v8`. */
export function platformName({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/** The variants that a machine can run, best first; an empty one is the architecture's plain form. */
function runnable({ architecture, variant }: Platform): readonly string[] {
  if (architecture === 'arm64')
    return variant === undefined || variant === 'v8' ? ['v8', ''] : [variant, 'v8', ''];
  if (architecture === 'arm') return downwards(variant ?? 'v7', 5);
  if (architecture === 'amd64') return downwards(variant ?? 'v1', 1);
  return variant === undefined ? [''] : [variant, ''];
}

function downwards(variant: string, lowest: number): readonly string[] {
  const level = Number(variant.slice(1));
  if (!Number.isInteger(level)) return [variant, ''];
  const count = Math.max(0, Math.min(level, 16) - lowest + 1);
  return [...Array.from({ length: count }, (_, index) => `v${level - index}`), ''];
}

/** How well an offered platform fits: 0 is best, nothing when it cannot run at all. */
export function fit(wanted: Platform, offered: Platform): number | undefined {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return undefined;
  const rank = runnable(wanted).indexOf(offered.variant ?? '');
  return rank < 0 ? undefined : rank;
}

/**
 * What an index offers for a platform, best first; entries that do not say what they are for come last. Attestations
 * and `unknown/unknown` are no images.
 */
export function candidates(entries: readonly IndexEntry[], wanted: Platform): readonly IndexEntry[] {
  return entries
    .filter((entry) => !entry.isAttestation)
    .map((entry) => ({ entry, rank: entry.platform ? fit(wanted, entry.platform) : Number.MAX_SAFE_INTEGER }))
    .filter((ranked): ranked is { entry: IndexEntry; rank: number } => ranked.rank !== undefined)
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}
