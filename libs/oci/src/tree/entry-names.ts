import { permanent } from '#errors';
import { showBytes, type ByteString } from '../tar/byte-string.js';

/** What a path's names ask for. */
export type NameVerdict =
  | { readonly kind: 'entry' }
  | { readonly kind: 'whiteout'; readonly hides: ByteString }
  | { readonly kind: 'opaque' }
  | { readonly kind: 'left-out'; readonly reason: LeftOutName };

/** Names that never reach a tree, by reason. */
export type LeftOutName =
  'aufs_metadata' | 'stargz_metadata' | 'cvmfs_catalog' | 'cvmfs_directory' | 'cvmfs_bundles' | 'cvmfs_graft';

const entryVerdict: NameVerdict = { kind: 'entry' };
const whiteout = '.wh.';
const opaque = '.wh..wh..opq';
const aufs = '.wh..wh.';
const stargz = new Set(['.no.prefetch.landmark', '.prefetch.landmark', 'stargz.index.json']);

/**
 * Judges a path by its names: whiteouts (OCI image specification), what engines and lazy-pulling formats keep for
 * themselves, and names that CVMFS would act on. Throws `layer.whiteout_invalid` for whiteouts of nothing, of the top
 * or of what stands above.
 */
export function judgeNames(parts: readonly ByteString[]): NameVerdict {
  const last = parts.length - 1;
  for (let index = 0; index <= last; index++) {
    const part = parts[index] ?? '';
    if (part.charCodeAt(0) === 0x2e) {
      const verdict = judgeDotName(part, index, last, parts);
      if (verdict !== entryVerdict) return verdict;
    }
  }
  const top = parts[0] ?? '';
  if (last === 0 && stargz.has(top)) return { kind: 'left-out', reason: 'stargz_metadata' };
  return entryVerdict;
}

function judgeDotName(
  part: ByteString,
  index: number,
  last: number,
  parts: readonly ByteString[],
): NameVerdict {
  if (part.startsWith(whiteout)) return judgeWhiteout(part, index === last, parts);
  if (!part.startsWith('.cvmfs')) return entryVerdict;
  const reason = cvmfsReason(part, index);
  return reason === undefined ? entryVerdict : { kind: 'left-out', reason };
}

function judgeWhiteout(part: ByteString, isLast: boolean, parts: readonly ByteString[]): NameVerdict {
  if (part === opaque && isLast) return { kind: 'opaque' };
  if (part.startsWith(aufs)) return { kind: 'left-out', reason: 'aufs_metadata' };
  const hides = part.slice(whiteout.length);
  if (!isLast || hides === '' || hides === '.' || hides === '..' || hides.startsWith(whiteout)) {
    throw permanent(
      'layer.whiteout_invalid',
      `the layer holds ${showBytes(parts.join('/'))}, which is no whiteout of anything`,
    );
  }
  return { kind: 'whiteout', hides };
}

function cvmfsReason(part: ByteString, index: number): LeftOutName | undefined {
  if (part === '.cvmfscatalog') return 'cvmfs_catalog';
  if (part === '.cvmfs' && index === 0) return 'cvmfs_directory';
  if (part === '.cvmfsbundles') return 'cvmfs_bundles';
  if (part.startsWith('.cvmfsgraft-')) return 'cvmfs_graft';
  return undefined;
}
