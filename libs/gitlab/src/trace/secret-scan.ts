/** A text that stands somewhere. */
export interface Hit {
  /** Which of the texts. */
  readonly text: number;
  readonly at: number;
}

/** Looks for many texts at once. */
export interface Scanner {
  readonly texts: readonly Buffer[];
  /** The length of the longest of them. */
  readonly longest: number;
  /** Every place where one of them stands, overlapping ones too: by the place, at one place in the order of the texts. */
  hits(bytes: Uint8Array): readonly Hit[];
  /** Where the longest end of the bytes begins that one of them, from this number on, may go on from. */
  unfinished(bytes: Uint8Array, first: number): number;
}

/** Two bytes are one of so many kinds; few enough that each job has a table of its own. */
const kinds = 4096;
/** A table of bytes holds no wider step. */
const widestStep = 255;

const kindOf = (first: number, second: number): number => ((first << 5) ^ second) & (kinds - 1);

/**
 * A scanner that leaps (Wu and Manber): what two bytes stand nowhere in the beginnings of the texts, as long as the
 * shortest of them, cannot be inside one, so most bytes of a log are never looked at.
 */
export function scannerOf(texts: readonly Buffer[]): Scanner {
  const ends = texts.map((text) => unfinishedEnd(text));
  const single = texts.flatMap((text, index) => (text.length === 1 ? [index] : []));
  const leap = leaping(texts);
  return {
    texts,
    longest: Math.max(0, ...texts.map(({ length }) => length)),
    hits: (bytes) => {
      const found = leap(bytes);
      if (single.length === 0) return found;
      for (const text of single) {
        const byte = texts[text]?.[0] ?? 0;
        for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1))
          found.push({ text, at });
      }
      return found.sort((a, b) => a.at - b.at || a.text - b.text);
    },
    unfinished: (bytes, first) => {
      let open = bytes.length;
      for (let text = first; text < ends.length; text++) open = Math.min(open, ends[text]?.(bytes) ?? open);
      return open;
    },
  };
}

function leaping(all: readonly Buffer[]): (bytes: Uint8Array) => Hit[] {
  const texts = all.flatMap((bytes, text) => (bytes.length > 1 ? [{ bytes, text }] : []));
  const reach = Math.min(widestStep + 1, ...texts.map(({ bytes }) => bytes.length));
  const steps = new Uint8Array(kinds).fill(reach - 1);
  const ending: Record<number, readonly { readonly bytes: Buffer; readonly text: number }[]> = {};
  for (const each of texts) {
    for (let end = 1; end < reach; end++) {
      const kind = kindOf(each.bytes[end - 1] ?? 0, each.bytes[end] ?? 0);
      steps[kind] = Math.min(steps[kind] ?? 0, reach - 1 - end);
      if (end === reach - 1) ending[kind] = [...(ending[kind] ?? []), each];
    }
  }
  return (bytes) => {
    const found: Hit[] = [];
    if (texts.length === 0) return found;
    for (let end = reach - 1; end < bytes.length; end++) {
      let kind = kindOf(bytes[end - 1] ?? 0, bytes[end] ?? 0);
      for (let step = steps[kind] ?? 0; step > 0; step = steps[kind] ?? 0) {
        end += step;
        if (end >= bytes.length) return found;
        kind = kindOf(bytes[end - 1] ?? 0, bytes[end] ?? 0);
      }
      const at = end - reach + 1;
      for (const each of ending[kind] ?? [])
        if (standsAt(bytes, at, each.bytes)) found.push({ text: each.text, at });
    }
    return found;
  };
}

function standsAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

/**
 * Where the longest end of the bytes begins that this text may go on from (Knuth, Morris and Pratt): no byte is looked at
 * twice, whatever the text repeats.
 */
function unfinishedEnd(text: Buffer): (bytes: Uint8Array) => number {
  const borders = bordersOf(text);
  return (bytes) => {
    let matched = 0;
    for (let at = Math.max(0, bytes.length - text.length + 1); at < bytes.length; at++) {
      while (matched > 0 && text[matched] !== bytes[at]) matched = borders[matched - 1] ?? 0;
      if (text[matched] === bytes[at]) matched++;
    }
    return bytes.length - matched;
  };
}

/** For each beginning of the text, how long its longest border is. */
function bordersOf(text: Buffer): readonly number[] {
  const borders = [0];
  let matched = 0;
  for (let at = 1; at < text.length; at++) {
    while (matched > 0 && text[matched] !== text[at]) matched = borders[matched - 1] ?? 0;
    if (text[matched] === text[at]) matched++;
    borders.push(matched);
  }
  return borders;
}
