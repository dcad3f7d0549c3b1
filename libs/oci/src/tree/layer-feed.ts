import { permanent, temporary, toAppError } from '#errors';
import { blobSpoilt, isSpoilt, type Growth } from '../blobs/growth.js';
import type { LayerBlob, ReadableBlob } from '../image-source.js';
import { isReadableWhileGrowing } from '../layers/decompress.js';
import type { LayerIndexes } from '../layers/layer-indexes.js';
import type { LayerStreamLimits } from '../layers/layer-lane.js';
import type { LayerStreams, OpenLayer } from '../layers/layer-streams.js';
import { stoppedCode } from '../layers/shared-ring.js';
import type { LayersWanted } from './tree-builder.js';
import type { UnpackCounts } from './unpack-messages.js';
import type { Unpacker } from './unpacker.js';

/** Between whom the layers go: who decompresses them and who writes the tree. */
export interface FeedParts {
  /** Bottom first. */
  readonly layers: readonly LayerBlob[];
  readonly streams: LayerStreams;
  readonly unpacker: Unpacker;
  readonly indexes: LayerIndexes | undefined;
  /** Indexes of the lowest layers, bottom first, whose data need not be read at first. */
  readonly known: readonly string[];
  /** Read blobs while they arrive, before they are verified. */
  readonly early: boolean;
  readonly limits: LayerStreamLimits;
  readonly signal: AbortSignal | undefined;
}

/** A layer on its way to the thread that writes. */
type Begun =
  | { readonly kind: 'index'; readonly layer: number; readonly index: string }
  | {
      readonly kind: 'stream';
      readonly layer: number;
      readonly blob: LayerBlob;
      readonly growth: Growth | undefined;
      readonly draft: string | undefined;
      readonly open: OpenLayer;
    };

/**
 * Gives layers to the thread that writes the tree: from the top one down, and those once more that it asks for. While
 * it is about one, the next is decompressed already.
 */
export class LayerFeed {
  private readonly drafts = new Set<string>();
  private readonly kept: Promise<void>[] = [];

  constructor(private readonly parts: FeedParts) {}

  async run(): Promise<{ counts: UnpackCounts; leftOut: Record<string, number> }> {
    const { layers, unpacker } = this.parts;
    let wanted: LayersWanted = { layers: layers.map((_, index) => layers.length - 1 - index), data: false };
    for (let first = true; ; first = false) {
      await this.pass(wanted, first);
      const answer = await unpacker.finish();
      if (answer.kind === 'done') {
        await Promise.all(this.kept);
        return answer;
      }
      wanted = answer.wanted;
    }
  }

  /** Removes indexes that were not finished. */
  async dropDrafts(): Promise<void> {
    await Promise.allSettled(this.kept);
    for (const draft of this.drafts) await this.parts.indexes?.drop(draft);
  }

  private async pass({ layers, data }: LayersWanted, first: boolean): Promise<void> {
    let ahead: Promise<Begun> | undefined;
    for (const [at, layer] of layers.entries()) {
      const begun = await (ahead ?? this.begin(layer, data, first));
      const next = layers[at + 1];
      ahead = next === undefined ? undefined : this.begin(next, data, first);
      // Its failure is told when its turn comes.
      ahead?.catch(() => undefined);
      await this.unpack(begun);
    }
  }

  private async begin(layer: number, data: boolean, first: boolean): Promise<Begun> {
    const blob = this.parts.layers[layer];
    if (blob === undefined) throw new Error(`the image has no layer ${layer}`);
    const index = this.parts.known[layer];
    if (index !== undefined && !data) return { kind: 'index', layer, index };
    const { path, growth } = await this.reach(blob, first);
    if (this.parts.signal?.aborted === true) throw temporary(stoppedCode, 'making the tree was cancelled');
    const draft = first ? await this.draft(blob.digest) : undefined;
    const growing = growth && { growth, size: blob.size };
    const toOpen = { path, diffId: blob.diffId, growing };
    const open = await this.parts.streams.open(toOpen, this.parts.limits).catch((error: unknown) => {
      throw aboutLayer(error, blob, layer);
    });
    return { kind: 'stream', layer, blob, growth, draft, open };
  }

  private async reach(blob: LayerBlob, first: boolean): Promise<ReadableBlob> {
    const begun = this.parts.early && first ? await blob.begun?.() : undefined;
    if (begun?.growth !== undefined && (await isReadableWhileGrowing(begun.path))) return begun;
    return { path: await blob.ready() };
  }

  private async unpack(begun: Begun): Promise<void> {
    const { streams, unpacker } = this.parts;
    const { layer } = begun;
    if (begun.kind === 'index') return unpacker.indexedLayer(layer, begun.index);
    const { open, draft, blob, growth } = begun;
    try {
      await bothOf(open.finished, unpacker.layer(layer, open.lane, draft), () => streams.fail());
    } catch (error) {
      // What was read may have been wrong bytes: their verdict comes before the layer's.
      if (growth !== undefined) await blob.ready();
      if (growth !== undefined && isSpoilt(growth)) throw blobSpoilt();
      throw aboutLayer(error, blob, layer);
    }
    if (draft !== undefined) this.keep(draft, blob.digest);
  }

  /** Nothing waits for it but the end. */
  private keep(draft: string, digest: string): void {
    const kept = this.parts.indexes?.keep(draft, digest).then(() => void this.drafts.delete(draft));
    kept?.catch(() => undefined);
    if (kept !== undefined) this.kept.push(kept);
  }

  private async draft(digest: string): Promise<string | undefined> {
    const { indexes } = this.parts;
    if (indexes === undefined || (await indexes.find(digest)) !== undefined) return undefined;
    const draft = await indexes.draft(digest);
    if (draft !== undefined) this.drafts.add(draft);
    return draft;
  }
}

/** Waits for both sides; what the stream says is wrong comes before what the parser made of it. */
async function bothOf(stream: Promise<void>, parser: Promise<void>, stopStream: () => void): Promise<void> {
  const parsed = parser.catch((error: unknown) => {
    stopStream();
    throw error;
  });
  const errors = (await Promise.allSettled([stream, parsed])).flatMap((outcome) =>
    outcome.status === 'rejected' ? [toAppError(outcome.reason)] : [],
  );
  const telling = errors.find((error) => error.code !== stoppedCode) ?? errors[0];
  if (telling !== undefined) throw telling;
}

function aboutLayer(error: unknown, blob: LayerBlob, layer: number): Error {
  const { code, message, temporary: mayPass, cause } = toAppError(error);
  const make = mayPass ? temporary : permanent;
  return make(code, `layer ${layer + 1} (${blob.digest}): ${message}`, {
    subject: blob.digest,
    cause,
  });
}
