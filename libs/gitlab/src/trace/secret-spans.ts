import { covered, type Covers, isOpen, openAround, openRun, outOf, type Range } from './covers.js';
import { type Hit, type Scanner } from './secret-scan.js';

/** What one way of looking came to. Each looks at a whole piece, so what is found depends on nothing before it. */
export interface Found {
  readonly covers: Covers;
  /** What belongs together: between two pieces of a stream no cut goes through it. */
  readonly spans: readonly Range[];
  /** From here on more bytes are needed to judge. */
  readonly open: number;
}

/** What is covered for as long as it goes on may have no end yet. */
export interface FoundRuns extends Found {
  /** From here on all is covered, and so is what follows until a byte that ends it; absent where the bytes have none such. */
  readonly endless?: number;
}

/** Where a text stands, which others may interrupt that are covered. */
interface Place extends Range {
  /** Its number; the lowest where several overlap. */
  readonly text: number;
}

/**
 * Covers phrases. Those that overlap are one cover, with as many masks as stand beside each other in it. What has others in
 * its middle that come before it among the texts is one too: without their masks it could be read.
 */
export function coverPhrases(bytes: Buffer, scanner: Scanner): Found {
  const clusters = clustersOf(scanner, scanner.hits(bytes));
  const spans: Place[] = [...clusters];
  let covers: Covers = clusters;
  for (;;) {
    const torn = across(bytes, covers, scanner).filter((each) =>
      spans.every(({ from, to, text }) => to <= each.from || from >= each.to || text < each.text),
    );
    if (torn.length === 0) return { covers, spans, open: unfinishedPhrases(bytes, covers, scanner) };
    const first = Math.min(...torn.map(({ text }) => text));
    const next = apart(torn.filter(({ text }) => text === first));
    covers = covered(covers, next, (inside) => inside + 1);
    spans.push(...next);
  }
}

/**
 * As phrases are found: in the bytes as they are, and across what is covered. What turns out to be one may have the
 * beginning of another before it, which goes on after it.
 */
function unfinishedPhrases(bytes: Buffer, covers: Covers, scanner: Scanner): number {
  const { length } = bytes;
  let open = Math.min(openEnd(bytes, [], scanner, length), openEnd(bytes, covers, scanner, length));
  for (let first = 1; first < scanner.texts.length; first++) {
    const end = openEnd(bytes, covers, scanner, open, first);
    if (end === open) break;
    open = end;
  }
  return open;
}

function clustersOf(
  { texts }: Scanner,
  hits: readonly Hit[],
): readonly (Place & { readonly masks: number })[] {
  const clusters: { from: number; to: number; text: number; masks: number }[] = [];
  let maskedTo = 0;
  for (const { text, at } of hits) {
    const to = at + (texts[text]?.length ?? 0);
    const stands = at >= maskedTo;
    if (stands) maskedTo = to;
    const last = clusters.at(-1);
    if (last && at < last.to) {
      if (stands) last.masks += 1;
      last.to = Math.max(last.to, to);
      last.text = Math.min(last.text, text);
    } else clusters.push({ from: at, to, text, masks: 1 });
  }
  return clusters;
}

/**
 * Covers what follows the beginnings of tokens. The beginning stays, so that one sees what it was; but where another one
 * that comes later among the texts stands in it, that one covers the rest of it, with a mask of its own.
 *
 * @param unfinished where a phrase begins that may be covered once more is known
 */
export function coverTokens(bytes: Buffer, before: Covers, scanner: Scanner, unfinished: number): FoundRuns {
  const spans: Range[] = [];
  const hits = placesOf(scanner, scanner.hits(bytes));
  let [covers, open, torn] = [before, bytes.length, across(bytes, before, scanner)];
  let endless = Infinity;
  for (let text = 0; text < scanner.texts.length && hits.length + torn.length > 0; text++) {
    const whole = hits.filter((each) => each.text === text && isOpen(covers, each.from, each.to));
    const begins = [...whole, ...torn.filter((each) => each.text === text)].sort((a, b) => a.from - b.from);
    const runs: Range[] = [];
    let end = 0;
    for (const { from, to: secret } of begins) {
      if (from < end) continue;
      const { to, hasOpen } = openRun(bytes, covers, secret, ofToken);
      if (hasOpen) runs.push({ from: secret, to });
      // What ends a run belongs to it: it may turn out to be the beginning of a phrase, after which the run goes on.
      spans.push({ from, to: to + 1 });
      if (to === bytes.length) [open, endless] = [Math.min(open, from), Math.min(endless, secret)];
      end = to;
    }
    if (runs.length === 0) continue;
    covers = covered(covers, runs, (inside) => inside + 1);
    torn = across(bytes, covers, scanner);
  }
  const ends = [bytes.length, unfinished].map((end) => openEnd(bytes, covers, scanner, end));
  return { covers, spans, open: Math.min(open, ...ends), ...whereEndless(endless) };
}

const whereEndless = (endless: number): Pick<FoundRuns, 'endless'> =>
  endless === Infinity ? {} : { endless };

/** Parameters of addresses that are secrets by their names, as GitLab's own runner masks them. */
const parameters = [
  'private_token',
  'authenticity_token',
  'rss_token',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
];
const parameter = new RegExp(`[?&](?:${parameters.join('|')})=`, 'gi');
const longestParameter = Math.max(...parameters.map(({ length }) => length)) + 2;

/** Covers such parameters, each with all that is in it by one mask. */
export function coverParameters(bytes: Buffer, covers: Covers): FoundRuns {
  if (!bytes.includes(0x3f) && !bytes.includes(0x26)) return { covers, spans: [], open: bytes.length };
  const text = bytes.toString('latin1');
  const values: Range[] = [];
  const spans: Range[] = [];
  for (const match of text.matchAll(parameter)) {
    const from = match.index + match[0].length;
    if (!isOpen(covers, match.index, from)) continue;
    const { to } = openRun(bytes, covers, from, ofParameter);
    values.push({ from, to });
    spans.push({ from: match.index, to: to + 1 });
  }
  const last = spans.at(-1);
  const isEndless = last !== undefined && last.to > bytes.length;
  const open = isEndless ? last.from : unfinishedParameter(text);
  const endless = isEndless ? (values.at(-1)?.from ?? Infinity) : Infinity;
  return { covers: covered(covers, values, () => 1), spans, open, ...whereEndless(endless) };
}

function unfinishedParameter(text: string): number {
  const tail = text.slice(-longestParameter + 1).toLowerCase();
  for (let at = 0; at < tail.length; at++) {
    const key = tail.slice(at + 1);
    if (/^[?&]$/.test(tail.charAt(at)) && parameters.some((name) => `${name}=`.startsWith(key)))
      return text.length - tail.length + at;
  }
  return text.length;
}

const placesOf = ({ texts }: Scanner, hits: readonly Hit[]): readonly Place[] =>
  hits.map(({ text, at }) => ({ text, from: at, to: at + (texts[text]?.length ?? 0) }));

/** The texts that stand across something covered, in the order of their places. */
function across(bytes: Buffer, covers: Covers, scanner: Scanner): readonly Place[] {
  const reach = scanner.longest - 1;
  return covers.flatMap(({ from }) => {
    const { bytes: around, places } = openAround(bytes, covers, from, [reach, reach]);
    return placesOf(scanner, scanner.hits(around)).flatMap((each) => {
      const place = { text: each.text, from: places[each.from] ?? 0, to: (places[each.to - 1] ?? 0) + 1 };
      return place.from < from && from < place.to ? [place] : [];
    });
  });
}

function apart<T extends Range>(ranges: readonly T[]): readonly T[] {
  let end = 0;
  return ranges.filter(({ from, to }) => {
    const isApart = from >= end;
    if (isApart) end = to;
    return isApart;
  });
}

/** From where on the open bytes before this end may be the beginning of one of the texts, from that number on. */
function openEnd(bytes: Buffer, covers: Covers, scanner: Scanner, end: number, first = 0): number {
  const reach = Math.max(0, scanner.longest - 1);
  const plain = Math.max(0, end - reach);
  if (isOpen(covers, plain, end)) return plain + scanner.unfinished(bytes.subarray(plain, end), first);
  const place = outOf(covers, end);
  const { bytes: tail, places } = openAround(bytes, covers, place, [reach, 0]);
  return places[scanner.unfinished(tail, first)] ?? place;
}

const bytesWhere = (test: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0));

const ofToken = bytesWhere((byte) => /[A-Za-z0-9_\-.=]/.test(String.fromCharCode(byte)));
/** All but what ends a parameter: another one, white space, a control character. */
const ofParameter = bytesWhere((byte) => byte > 0x20 && byte !== 0x7f && byte !== 0x3f && byte !== 0x26);
