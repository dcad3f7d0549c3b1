import type { CiJob } from '../job.js';
import { type Finder, parameterFinder, phraseFinder, type Span, tokenFinder } from './secret-spans.js';

export interface MaskRules {
  /** Texts that are secret. White space around them does not count, empty ones neither. */
  readonly phrases: readonly string[];
  /** What secret tokens begin with. */
  readonly prefixes: readonly string[];
}

const mask = Buffer.from('[MASKED]');
const nothing = Buffer.alloc(0);
/** More is not held back for a secret that may still go on: no token is that long. In bytes. */
const mostHeld = 64 * 1024;
const mostPrefixes = 10;

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
    prefixes: ['glpat-', ...job.features.token_mask_prefixes.slice(0, mostPrefixes)],
  };
}

/**
 * Masks secrets in a stream of bytes, wherever it is cut. Bytes that may be the beginning of a secret are held back until
 * more is known, so what comes out depends on the stream alone and never on the cuts. Secrets that overlap are one mask.
 */
export class Masker {
  readonly #finders: readonly Finder[];
  readonly #mostHeld: number;
  #held: Buffer = nothing;
  #emitted = 0;

  constructor({ phrases, prefixes }: MaskRules) {
    const texts = distinct(phrases);
    this.#finders = [
      ...texts.map((text) => phraseFinder(text)),
      ...distinct(prefixes).map((text) => tokenFinder(text)),
      parameterFinder,
    ];
    this.#mostHeld = Math.max(mostHeld, ...texts.map(({ length }) => 4 * length));
  }

  /** Raw bytes that what came out so far stands for: a masker that starts there goes on as this one. */
  get emitted(): number {
    return this.#emitted;
  }

  /** What can be said of the stream now, masked. */
  write(chunk: Uint8Array): Buffer {
    if (chunk.length === 0) return nothing;
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const { spans, open } = this.#find(bytes);
    const cut = bytes.length - open > this.#mostHeld ? bytes.length : before(spans, open);
    return this.#emit(bytes, spans, cut);
  }

  /** What was held back, at the end of the stream. */
  end(): Buffer {
    const bytes = this.#held;
    return this.#emit(bytes, this.#find(bytes).spans, bytes.length);
  }

  #find(bytes: Buffer): { readonly spans: readonly Span[]; readonly open: number } {
    let open = bytes.length;
    const spans: Span[] = [];
    for (const find of this.#finders) {
      const found = find(bytes);
      open = Math.min(open, found.open);
      for (const span of found.spans) spans.push(span);
    }
    return { spans: spans.sort((a, b) => a.secret - b.secret), open };
  }

  #emit(bytes: Buffer, spans: readonly Span[], cut: number): Buffer {
    this.#held = Buffer.from(bytes.subarray(cut));
    this.#emitted += cut;
    return masked(bytes, spans, cut);
  }
}

/** The last place up to `open` that goes through no span. */
function before(spans: readonly Span[], open: number): number {
  let cut = open;
  for (let moved = true; moved;) {
    moved = false;
    for (const { from, to } of spans)
      if (from < cut && cut < to) {
        cut = from;
        moved = true;
      }
  }
  return cut;
}

/** The bytes up to the cut, through which no span goes. */
function masked(bytes: Buffer, spans: readonly Span[], cut: number): Buffer {
  const pieces: Buffer[] = [];
  let [at, maskedTo] = [0, 0];
  for (const { from, secret, to } of spans) {
    if (from >= cut) continue;
    if (secret > at) pieces.push(bytes.subarray(at, secret));
    // What overlaps has one mask; those that stand beside each other, though others lie across, have one each.
    if (secret >= maskedTo) {
      pieces.push(mask);
      maskedTo = to;
    }
    at = Math.max(at, to);
  }
  // Copies: the caller's chunk may be written over.
  return pieces.length === 0
    ? Buffer.from(bytes.subarray(0, cut))
    : Buffer.concat([...pieces, bytes.subarray(at, cut)]);
}

/** As GitLab's own runner takes them, longest first. */
function distinct(texts: readonly string[]): readonly Buffer[] {
  return [...new Set(texts.map((text) => text.trim()))]
    .filter((text) => text !== '')
    .map((text) => Buffer.from(text))
    .sort((a, b) => b.length - a.length);
}
