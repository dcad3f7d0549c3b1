import { houseTokens } from '#access';
import { publication, type Publication } from '#api';
import { reasonsOf } from '#contracts';
import { connectionWords, temporary } from '#errors';
import type { KeyRing } from '#secrets';
import { request } from 'undici';
import { z } from 'zod';
import type { PublishedImageStore } from './published-image.store.js';
import { bridgeIdentity } from '../clients/bridge-identity.js';

/** What is asked of whoever keeps what is on CVMFS. */
type Noting = Pick<PublishedImageStore, 'published'>;

/** More pages than anybody has images: who answers without end is not listened to without end. */
const mostPages = 1_000;

const page = z.object({ items: z.array(publication), next: z.string().optional() });

/**
 * Notes what had been published before the bridge's queue was there, as the registry tells it. Each is noted as of the
 * time when the registry last heard of it, so that what came meanwhile by the queue stands.
 * @returns how many there are
 * @throws AppError `images.registry_away` (temporary)
 */
export async function learnPublications(store: Noting, registryUrl: string, ring: KeyRing): Promise<number> {
  const root = `${registryUrl.replace(/\/+$/, '')}/api/v1/publications`;
  const tokens = houseTokens(ring);
  let count = 0;
  let cursor: string | undefined;
  for (let read = 0; read < mostPages; read += 1) {
    const query = new URLSearchParams({
      state: 'published',
      limit: '200',
      ...(cursor !== undefined && { cursor }),
    });
    const { items, next } = await onePage(
      `${root}?${query.toString()}`,
      `Slipway ${tokens.issue(bridgeIdentity)}`,
    );
    for (const item of items) await note(store, item);
    count += items.length;
    if (next === undefined) break;
    cursor = next;
  }
  return count;
}

async function note(store: Noting, { digest, result, tags, at, ...image }: Publication): Promise<void> {
  if (digest === undefined || !result) return;
  await store.published({ ...image, digest, at }, result.path, tags);
}

async function onePage(url: string, authorization: string): Promise<z.output<typeof page>> {
  try {
    const { statusCode, body } = await request(url, {
      headers: { authorization, accept: 'application/json' },
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
    });
    if (statusCode === 200) return pageOf(await body.json());
    await body.dump();
    throw new Error(`it answered ${statusCode}`);
  } catch (cause) {
    const text = `the registry does not tell what is on CVMFS: ${connectionWords(cause)}`;
    throw temporary('images.registry_away', text, { cause });
  }
}

function pageOf(answer: unknown): z.output<typeof page> {
  const { data } = page.safeParse(answer);
  if (data) return data;
  throw new Error(`its answer is of another form: ${reasonsOf(page, answer, 3, 'it')}`);
}
