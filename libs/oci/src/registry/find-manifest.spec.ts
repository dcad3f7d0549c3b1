import { digestOf } from './digest.js';
import { findManifest } from './find-manifest.js';
import { mediaTypes } from './media-types.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const index = (to: string) => ({
  schemaVersion: 2,
  manifests: [{ mediaType: mediaTypes.ociIndex, digest: to, size: 1 }],
});

it('refuses an index that leads back to itself, which a registry that lies about digests could offer', async () => {
  const documents: Record<string, object> = {
    latest: index(digest('a')),
    [digest('a')]: index(digest('b')),
    [digest('b')]: index(digest('a')),
  };
  const asked: string[] = [];
  const found = findManifest(
    (reference) => {
      asked.push(reference);
      const bytes = Buffer.from(JSON.stringify(documents[reference]));
      return Promise.resolve({ bytes, digest: digestOf(bytes), contentType: mediaTypes.ociIndex });
    },
    'latest',
    'linux/amd64',
  );
  await expect(found).rejects.toMatchObject({
    code: 'image.index_loop',
    message: expect.stringContaining('itself') as string,
  });
  expect(asked).toEqual(['latest', digest('a'), digest('b')]);
});
