import { permanent, temporary, toAppError } from '#errors';
import type { LayerBlob } from '../image-source.js';
import type { LayerIndexes } from '../layers/layer-indexes.js';
import type { LayerStreams } from '../layers/layer-streams.js';
import { STOPPED_CODE } from '../layers/shared-ring.js';
import type { LayersWanted } from './tree-builder.js';
import type { UnpackCounts } from './unpack-messages.js';
import type { Unpacker } from './unpacker.js';

export interface FeedParts {
  /** Bottom first. */
  readonly layers: readonly LayerBlob[];
  readonly streams: LayerStreams;
  readonly unpacker: Unpacker;
  readonly indexes: LayerIndexes | undefined;
  /** Indexes of the lowest layers, bottom first, whose data need not be read at first. */
  readonly known: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Gives layers to the thread that writes the tree: from the top one down, and those once more that it asks for. */
export class LayerFeed {
  private readonly drafts = new Set<string>();

  constructor(private readonly parts: FeedParts) {}

  async run(): Promise<{ counts: UnpackCounts; leftOut: Record<string, number> }> {
    const { layers, unpacker } = this.parts;
    let wanted: LayersWanted = { layers: layers.map((_, index) => layers.length - 1 - index), data: false };
    for (let first = true; ; first = false) {
      for (const layer of wanted.layers) await this.feed(layer, wanted.data, first);
      const answer = await unpacker.finish();
      if (answer.kind === 'done') return answer;
      wanted = answer.wanted;
    }
  }

  /** Removes indexes that were not finished. */
  async dropDrafts(): Promise<void> {
    for (const draft of this.drafts) await this.parts.indexes?.drop(draft);
  }

  private async feed(layer: number, data: boolean, first: boolean): Promise<void> {
    const blob = this.parts.layers[layer];
    if (blob === undefined) return;
    const index = this.parts.known[layer];
    if (index !== undefined && !data) await this.parts.unpacker.indexedLayer(layer, index);
    else await this.stream(blob, layer, first);
  }

  private async stream(blob: LayerBlob, layer: number, indexed: boolean): Promise<void> {
    const path = await blob.ready();
    if (this.parts.signal?.aborted === true) throw temporary(STOPPED_CODE, 'making the tree was cancelled');
    const draft = indexed ? await this.draft(blob.digest) : undefined;
    try {
      const open = await this.parts.streams.open({ path, diffId: blob.diffId });
      const parsed = this.parts.unpacker.layer(layer, draft);
      await bothOf(open.finished, parsed, () => this.parts.streams.fail());
    } catch (error) {
      throw aboutLayer(error, blob, layer);
    }
    if (draft !== undefined) {
      await this.parts.indexes?.keep(draft, blob.digest);
      this.drafts.delete(draft);
    }
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
  const telling = errors.find((error) => error.code !== STOPPED_CODE) ?? errors[0];
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
