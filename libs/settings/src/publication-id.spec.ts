import { publicationId } from './publication-id.js';

const image = {
  cvmfsRepository: 'unpacked.example.org',
  registry: 'r.example.org',
  repository: 'team/app',
  digest: `sha256:${'a'.repeat(64)}`,
  tags: ['v1'],
};

describe('the id of a publication', () => {
  it('depends on the image and on where it goes, and not on its tags', () => {
    expect(publicationId(image)).toBe(publicationId({ ...image, tags: ['v2'] }));
    expect(publicationId(image)).not.toBe(publicationId({ ...image, cvmfsRepository: 'other.example.org' }));
    expect(publicationId(image)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('stays what it is: addresses of pages are made of it', () => {
    expect(publicationId(image)).toBe('60a8e8e5-a79b-8479-a149-9f32c064585b');
  });
});
