import { painter } from '../../output/paint.js';
import { imageName, imageText } from './image-name.js';
import { fraction, moved, moveLine } from './movement.js';
import { sentenceFor } from './why.action.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('the name of an image', () => {
  it.each([
    ['registry.example.org/atlas/a:v1', 'registry.example.org/atlas/a:v1'],
    ['localhost:5000/a', 'localhost:5000/a:latest'],
    ['debian', 'docker.io/library/debian:latest'],
    ['atlas/a:v1', 'docker.io/atlas/a:v1'],
    [`quay.io/a/b@${digest}`, `quay.io/a/b@${digest}`],
    [`quay.io/a/b:v1@${digest}`, `quay.io/a/b:v1@${digest}`],
  ])('%s means %s', (text, image) => {
    const name = imageName(text);
    expect('id' in name ? '' : imageText(name)).toBe(image);
  });

  it('may be the id of a publication', () => {
    expect(imageName('3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01')).toEqual({
      id: '3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01',
    });
  });

  it.each(['', 'a b', 'https://a/b', 'a@sha256:1', 'a:b:c'])('is not "%s"', (text) => {
    expect(() => imageName(text)).toThrow('is no image');
  });
});

describe('a publication that moves', () => {
  const about = { registry: 'r.org', repository: 'a/b', tags: ['v1'], digest, cvmfsRepository: 'c.org' };
  const event = (name: string, data: object) => ({
    id: '1',
    name,
    subject: '',
    time: '',
    data: { ...about, ...data },
  });

  it('is told step by step, with a bar', () => {
    const known = new Map();
    const fetching = moved(known, event('image.publishing', { step: 'fetch', bytes: 100, bytesDone: 50 }));
    if (fetching === undefined) throw new Error('no movement');
    expect(fetching).toMatchObject({ name: 'r.org/a/b:v1', state: 'publishing', isNews: true });
    expect(fraction(fetching)).toBeCloseTo(0.25);
    expect(moveLine(fetching, painter(false), 100)).toBe(
      'fetch        r.org/a/b:v1  █████░░░░░░░░░░░░░░░  25 %  50 B of 100 B',
    );
    known.set(fetching.key, fetching);
    expect(moved(known, event('image.publishing', { step: 'fetch', bytesDone: 60 }))).toMatchObject({
      isNews: false,
      bytes: 100,
    });
    expect(moved(known, event('image.published', {}))).toMatchObject({
      key: fetching.key,
      state: 'published',
      isNews: true,
    });
  });

  it('waits when it failed and is tried again, and has failed when it is not', () => {
    const failure = { step: 'fetch', reason: 'no such host' };
    expect(moved(new Map(), event('image.publish_failed', { ...failure, willRetry: true }))?.state).toBe(
      'retrying',
    );
    expect(moved(new Map(), event('image.publish_failed', { ...failure, willRetry: false }))?.state).toBe(
      'failed',
    );
    expect(moved(new Map(), event('image.pushed', {}))).toBeUndefined();
  });
});

describe('why an image is not there yet', () => {
  const now = new Date('2026-01-31T12:00:00Z');
  const publication = {
    id: '3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01',
    registry: 'r.org',
    repository: 'a/b',
    tags: ['v1'],
    digest,
    cvmfsRepository: 'c.org',
    at: '2026-01-31T11:55:00Z',
    attempt: 1,
    steps: [],
  };

  it('is a sentence: the registry’s own, or where it is', () => {
    const waiting = { ...publication, state: 'waiting' as const, whyNotYet: 'It has waited for 5 min.' };
    expect(sentenceFor(waiting, now)).toBe('r.org/a/b:v1 in c.org: It has waited for 5 min.');
    expect(sentenceFor({ ...publication, state: 'published' }, now)).toBe(
      'r.org/a/b:v1 in c.org is there since 5 min ago: published',
    );
  });
});
