/** Bytes from `from` up to `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Bytes that are not shown, for which so many masks stand; there may be none of them. */
export interface Cover extends Range {
  readonly masks: number;
}

/** Ordered, none over another. What is not covered is open. */
export type Covers = readonly Cover[];

/**
 * Covers these too, which are ordered and apart, and of which what was covered is either inside one or out of it.
 *
 * @param masksOf how many masks stand for one, by how many were inside it
 */
export function covered(
  covers: Covers,
  ranges: readonly Range[],
  masksOf: (inside: number) => number,
): Covers {
  const all: Cover[] = [];
  let next = 0;
  for (const { from, to } of ranges) {
    for (let cover = covers[next]; cover && cover.to <= from; cover = covers[++next]) all.push(cover);
    let inside = 0;
    for (let cover = covers[next]; cover && cover.to <= to; cover = covers[++next]) inside += cover.masks;
    all.push({ from, to, masks: masksOf(inside) });
  }
  return [...all, ...covers.slice(next)];
}

/** Whether all bytes of this range are open. */
export function isOpen(covers: Covers, from: number, to: number): boolean {
  return (covers[coverAfter(covers, from)]?.from ?? Infinity) >= to;
}

/** This place, or where the cover begins that it lies in. */
export function outOf(covers: Covers, place: number): number {
  return Math.min(covers[coverAfter(covers, place)]?.from ?? place, place);
}

/** The number of the first cover that ends after this place. */
function coverAfter(covers: Covers, at: number): number {
  let [low, high] = [0, covers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((covers[middle]?.to ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where the open bytes from this place on cease to be such members; covered ones among them are passed over. */
export function openRun(
  bytes: Uint8Array,
  covers: Covers,
  from: number,
  members: Uint8Array,
): { readonly to: number; readonly hasOpen: boolean } {
  let [at, hasOpen] = [from, false];
  for (let next = coverAfter(covers, from); ; next++) {
    const cover = covers[next];
    const [begin, end] = [at, Math.min(cover?.from ?? Infinity, bytes.length)];
    while (at < end && members[bytes[at] ?? 0] === 1) at++;
    hasOpen ||= at > begin;
    if (!cover || at < cover.from) return { to: at, hasOpen };
    at = cover.to;
  }
}

/** Open bytes, and where each of them stands. */
export interface OpenBytes {
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
}

/** Up to so many open bytes before this place and from it on. Nothing covered lies across it. */
export function openAround(
  bytes: Uint8Array,
  covers: Covers,
  place: number,
  [before, after]: readonly [number, number],
): OpenBytes {
  const places: number[] = [];
  const first = coverAfter(covers, place);
  for (let [at, next] = [place, first - 1]; at > 0 && places.length < before;) {
    const cover = covers[next];
    if (cover?.to === at) {
      at = cover.from;
      next--;
    } else places.push((at -= 1));
  }
  places.reverse();
  const most = places.length + after;
  for (let [at, next] = [place, first]; at < bytes.length && places.length < most;) {
    const cover = covers[next];
    if (cover?.from === at) {
      at = cover.to;
      next++;
    } else places.push(at++);
  }
  const open = new Uint8Array(places.length);
  for (const [index, at] of places.entries()) open[index] = bytes[at] ?? 0;
  return { bytes: open, places };
}
