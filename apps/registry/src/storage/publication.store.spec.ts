import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import type { PublicationSaid } from '../domain/publication-record.js';
import { storage } from './index.js';
import { PublicationStore } from './publication.store.js';

const images = 6;
const rounds = 15;

// Real: PostgreSQL.
describe('publications', () => {
  let dataSource: DataSource;
  let store: PublicationStore;

  beforeAll(async () => {
    dataSource = await openDatabase({ ...storage, ...(await isolatedSchema(import.meta.url)) });
    store = new PublicationStore(dataSource);
  });
  afterAll(() => dataSource.destroy());

  const published = (image: number, second: number): PublicationSaid => {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const digest = `sha256:${String(image).repeat(64)}`;
    const identity = {
      cvmfsRepository: 'unpacked.example.org',
      registry: 'r.example.org',
      repository: 'a/app',
    };
    const done = { files: 1, directories: 1, bytes: 1, attempt: 1, seconds: { total: 1 } };
    const place = { path: `/cvmfs/${digest}`, links: ['/cvmfs/latest'] };
    const data = { ...identity, ...place, ...done, digest, tags: ['latest', `v${image}`] };
    return { name: 'image.published', at, data };
  };

  it('of one repository are heard of at once, while a tag moves among them, and none waits in a ring', async () => {
    let said = 0;
    for (let round = 0; round < rounds; round += 1) {
      const heard = Array.from({ length: images }, (_, image) => {
        said += 1;
        return store.hear(`event-${said}`, published(image, said));
      });
      expect((await Promise.allSettled(heard)).filter(({ status }) => status === 'rejected')).toEqual([]);
    }
    const rows: { tags: string[] }[] = await dataSource.query('select tags from publication order by at');
    expect(rows).toHaveLength(images);
    expect(rows.filter(({ tags }) => tags.includes('latest'))).toHaveLength(1);
  });
});
