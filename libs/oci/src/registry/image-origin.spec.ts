import { originIn } from './image-origin.js';

const sha = 'a1'.repeat(20);
const source = 'https://gitlab.example.org/atlas/higgs';
const labels = (over: Readonly<Record<string, unknown>> = {}): object => ({
  'org.opencontainers.image.source': source,
  'org.opencontainers.image.revision': sha,
  ...over,
});
const from = (address: unknown) => originIn(labels({ 'org.opencontainers.image.source': address }));
const at = (revision: unknown) => originIn(labels({ 'org.opencontainers.image.revision': revision }));

describe('where an image says that it was built', () => {
  it('is its repository and commit, whatever else its labels say', () => {
    expect(originIn(labels({ maintainer: 'ada' }))).toEqual({ source, revision: sha });
    expect(from(`${source}.git`)).toEqual({ source: `${source}.git`, revision: sha });
    expect(from('http://localhost:8080/a/b')?.source).toBe('http://localhost:8080/a/b');
  });

  it('is a whole SHA, in lower case', () => {
    expect(at(sha.toUpperCase())?.revision).toBe(sha);
    expect(at('B'.repeat(64))?.revision).toBe('b'.repeat(64));
  });

  it.each([undefined, null, 7, [], {}, '', 'main', 'a1b2c3d', 'g'.repeat(40), `${sha}\n`, 'a'.repeat(41)])(
    'is nothing with the revision %j',
    (revision) => {
      expect(at(revision)).toBeUndefined();
    },
  );

  it.each([
    undefined,
    null,
    7,
    {},
    '',
    'atlas/higgs',
    'git@gitlab.example.org:atlas/higgs.git',
    'ssh://git@gitlab.example.org/atlas/higgs',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https:gitlab.example.org/atlas/higgs',
    'https:///gitlab.example.org/atlas/higgs',
    'https://ada:secret@gitlab.example.org/atlas/higgs',
    'https:ada:secret@gitlab.example.org/atlas/higgs',
    'https://token@gitlab.example.org/atlas/higgs',
    `${source}?private_token=secret`,
    `${source}#secret`,
    'https://gitlab.example.org\\@elsewhere.example.org/atlas/higgs',
    'https://gitlab.example.org/atlas/\nhiggs',
    'https://gitlab.example.org/atlas/ higgs',
    `https://gitlab.example.org/${'a'.repeat(1_000)}`,
  ])('is nothing with the source %j', (address) => {
    expect(from(address)).toBeUndefined();
  });

  it.each([undefined, null, 'labels', 7, [], [labels()]])('is nothing where the labels are %j', (said) => {
    expect(originIn(said)).toBeUndefined();
  });

  it('is that of the configuration where both say it, else that of the manifest', () => {
    const other = labels({ 'org.opencontainers.image.revision': 'b'.repeat(40) });
    expect(originIn(labels(), other)?.revision).toBe(sha);
    expect(originIn(undefined, labels())?.revision).toBe(sha);
  });

  it('is not made of what the one says of the repository and the other of the commit', () => {
    expect(
      originIn({ 'org.opencontainers.image.source': source }, { 'org.opencontainers.image.revision': sha }),
    ).toBeUndefined();
  });
});
