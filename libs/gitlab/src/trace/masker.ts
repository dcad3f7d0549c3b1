import type { CiJob } from '../job.js';
import { type Covers, outOf, type Range } from './covers.js';
import { scannerOf, type Scanner } from './secret-scan.js';
import { coverParameters, coverPhrases, coverTokens, type Found } from './secret-spans.js';

/** What no trace may show. */
export interface MaskRules {
  /** Texts that are secret. White space around them does not count, empty ones neither. */
  readonly phrases: readonly string[];
  /** What secret tokens begin with. */
  readonly prefixes: readonly string[];
}

const maskText = Buffer.from('[MASKED]');
const nothing = Buffer.alloc(0);
/** More is not held back for a secret that may still go on. In bytes. */
const mostHeld = 64 * 1024;
/** So much stays of both ends of a token whose middle is let go of, beside the length of a secret. In bytes. */
const leastEnds = 1024;

/** What the tokens of every GitLab begin with, unless its administrators have chosen something else. */
const tokenPrefixes = [
  'glpat-', // personal, of a project or a group
  'gloas-', // an application's secret
  'gldt-', // deployment
  'glrt-', // runner
  'glrtr-', // registration of runners
  'glcbt-', // CI job
  'glptt-', // pipeline trigger
  'glft-', // feed
  'glimt-', // incoming mail
  'glagent-', // agent for Kubernetes
  'glsoat-', // SCIM
  'glffct-', // client of feature flags
  'gltok-', // what a token is exchanged for
  '_gitlab_session=', // cookie
];

/** All that is secret in a job of GitLab. */
export function maskRulesOf(job: CiJob, more: readonly string[] = []): MaskRules {
  return {
    phrases: [
      job.token,
      ...job.variables.filter(({ masked }) => masked).map(({ value }) => value),
      ...job.dependencies.map(({ token }) => token),
      ...job.credentials.map(({ password }) => password),
      ...more,
    ],
    prefixes: [...tokenPrefixes, ...job.features.token_mask_prefixes],
  };
}

/**
 * Masks secrets in a stream of bytes, wherever it is cut. Bytes that may be the beginning of a secret are held back until
 * more is known, so what comes out depends on the stream alone and never on the cuts. Where GitLab's own runner leaves
 * nothing to read of a secret the text is the same; secrets that overlap are covered wholly, where it leaves a part.
 */
export class Masker {
  /** Where bytes were let go of in what is held, which are covered whatever comes. */
  #gaps: readonly Gap[] = [];
  readonly #phrases: Scanner;
  readonly #prefixes: Scanner;
  readonly #mostHeld: number;
  #held: Buffer = nothing;
  #emitted = 0;

  constructor({ phrases, prefixes }: MaskRules) {
    this.#phrases = scannerOf(distinct(phrases));
    this.#prefixes = scannerOf(distinct(prefixes));
    this.#mostHeld = Math.max(mostHeld, 4 * this.#phrases.longest);
  }

  /** Raw bytes that what came out so far stands for: a masker that starts there goes on as this one. */
  get emitted(): number {
    return this.#emitted;
  }

  /** Bytes in memory until more is known. */
  get held(): number {
    return this.#held.length;
  }

  /** What can be said of the stream now, masked. */
  write(chunk: Uint8Array): Buffer {
    if (chunk.length === 0) return nothing;
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const found = this.#find(bytes);
    const cut = before(found.spans, found.open);
    if (bytes.length - cut <= this.#mostHeld) return this.#emit(bytes, found.covers, cut);
    const middle = this.#middleOf(bytes, found);
    if (!middle || bytes.length - cut - (middle.to - middle.from) > this.#mostHeld)
      return this.#emit(bytes, found.covers, bytes.length);
    const out = this.#emit(bytes, found.covers, cut);
    this.#letGo({ from: middle.from - cut, to: middle.to - cut });
    return out;
  }

  /** What was held back, at the end of the stream. */
  end(): Buffer {
    const bytes = this.#held;
    return this.#emit(bytes, this.#find(bytes).covers, bytes.length);
  }

  /** In the order of GitLab's own runner, in which each sees what the ones before it have left open. */
  #find(bytes: Buffer): Everything {
    const phrases = coverPhrases(bytes, this.#phrases);
    const parameters = coverParameters(bytes, phrases.covers);
    const tokens = coverTokens(bytes, parameters.covers, this.#prefixes, phrases.open);
    return {
      covers: tokens.covers,
      spans: [...phrases.spans, ...parameters.spans, ...tokens.spans],
      open: Math.min(phrases.open, parameters.open, tokens.open),
      endless: Math.min(parameters.endless ?? Infinity, tokens.endless ?? Infinity),
      phrases: phrases.covers,
    };
  }

  /** Of a token without an end what is covered whatever comes: all but its ends, in which other secrets may stand. */
  #middleOf({ length }: Buffer, { endless, phrases }: Everything): Range | undefined {
    const ends = leastEnds + Math.max(this.#phrases.longest, this.#prefixes.longest);
    const [from, to] = [outOf(phrases, endless + ends), outOf(phrases, length - ends)];
    return from > endless && to > from ? { from, to } : undefined;
  }

  #letGo({ from, to }: Range): void {
    const inside = this.#gaps.filter(({ at }) => from <= at && at <= to);
    const bytes = inside.reduce((sum, gap) => sum + gap.bytes, to - from);
    const after = this.#gaps.filter(({ at }) => at > to);
    this.#gaps = [
      ...this.#gaps.filter(({ at }) => at < from),
      { at: from, bytes },
      ...after.map((gap) => ({ ...gap, at: gap.at - (to - from) })),
    ];
    this.#held = Buffer.concat([this.#held.subarray(0, from), this.#held.subarray(to)]);
  }

  #emit(bytes: Buffer, covers: Covers, cut: number): Buffer {
    this.#held = Buffer.from(bytes.subarray(cut));
    this.#emitted += this.#gaps.reduce((sum, { at, bytes: gone }) => (at < cut ? sum + gone : sum), cut);
    this.#gaps = this.#gaps.filter(({ at }) => at >= cut).map((gap) => ({ ...gap, at: gap.at - cut }));
    return masked(bytes, covers, cut);
  }
}

interface Gap {
  readonly at: number;
  readonly bytes: number;
}

interface Everything extends Found {
  /** From here on all is covered, and what follows too; Infinity where nothing is. */
  readonly endless: number;
  /** What the phrases alone cover. */
  readonly phrases: Covers;
}

/** The last place up to `open` that goes through no span. */
function before(spans: readonly Range[], open: number): number {
  let cut = open;
  for (const { from, to } of [...spans].sort((a, b) => b.to - a.to)) if (from < cut && cut < to) cut = from;
  return cut;
}

/** The bytes up to the cut, through which no cover goes. */
function masked(bytes: Buffer, covers: Covers, cut: number): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { from, to, masks } of covers) {
    if (to > cut) break;
    pieces.push(bytes.subarray(at, from));
    for (let mask = 0; mask < masks; mask++) pieces.push(maskText);
    at = to;
  }
  // Copies: the caller's chunk may be written over.
  return Buffer.concat([...pieces, bytes.subarray(at, cut)]);
}

/** As GitLab's own runner takes them, longest first. */
function distinct(texts: readonly string[]): readonly Buffer[] {
  return [...new Set(texts.map((text) => text.trim()))]
    .filter((text) => text !== '')
    .map((text) => Buffer.from(text))
    .sort((a, b) => b.length - a.length || Buffer.compare(b, a));
}
