import { gitlabServerResource, imageRuleResource, projectResource } from '#contracts';
import { publicationId } from '#settings';
import { isNews } from '../commit-status.js';
import { type ImageSaid, imageWordOf, placeOfImage, type Registered } from './image-status.js';

const sha = 'a1'.repeat(20);
const cvmfsRepository = 'unpacked.example.org';
const address = 'https://gitlab.example.org/atlas/higgs';

const project = (over: object = {}) =>
  projectResource.schema.parse({ name: 'higgs', url: address, path: 'atlas/higgs', ...over });
const rule = (over: object = {}) =>
  imageRuleResource.schema.parse({
    name: 'higgs-images',
    registry: 'registry.example.org',
    repository: 'atlas/**',
    tags: ['v*'],
    cvmfsRepository,
    project: 'higgs',
    ...over,
  });
const house = (over: Partial<Registered> = {}): Registered => ({
  projects: [project()],
  imageRules: [rule()],
  gitlabServers: [gitlabServerResource.schema.parse({ name: 'main', url: 'https://gitlab.example.org' })],
  ...over,
});
const image = (over: Partial<ImageSaid> = {}): ImageSaid => ({
  cvmfsRepository,
  registry: 'registry.example.org',
  repository: 'atlas/higgs',
  digest: `sha256:${'d'.repeat(64)}`,
  tags: ['v1'],
  origin: { source: address, revision: sha },
  ...over,
});
const from = (source: string): ImageSaid => image({ origin: { source, revision: sha } });

describe('the commit at which an image is shown', () => {
  it('is the one that it names, in the project that it names and whose own rule publishes it', () => {
    expect(placeOfImage(image(), house())).toEqual({
      gitlab: 'main',
      gitlabProject: 'atlas/higgs',
      sha,
      name: `slipway/${cvmfsRepository}`,
      project: 'higgs',
    });
  });

  it.each([`${address}.git`, `${address}/`, `${address}.git/`, 'https://GitLab.Example.org/atlas/higgs'])(
    'is the same by the address %s',
    (source) => {
      expect(placeOfImage(from(source), house())).toBeDefined();
      expect(placeOfImage(image(), house({ projects: [project({ url: source })] }))).toBeDefined();
    },
  );

  it.each([
    'https://gitlab.example.org/atlas/other',
    'https://gitlab.example.org/atlas',
    'https://gitlab.example.org/atlas/higgs/sub',
    'https://gitlab.example.org/atlas/higgs.git.git',
    'https://elsewhere.example.org/atlas/higgs',
    'http://gitlab.example.org/atlas/higgs',
    'https://gitlab.example.org:8443/atlas/higgs',
  ])('is none by the address %s', (source) => {
    expect(placeOfImage(from(source), house())).toBeUndefined();
  });

  it('is none where the image names none', () => {
    expect(placeOfImage(image({ origin: undefined }), house())).toBeUndefined();
  });

  it.each([
    ['another project', { project: 'other' }],
    ['the house', { project: undefined }],
  ])('is none where the rule is of %s: who pushes there is not of the project', (_whose, over) => {
    const projects = [project(), project({ name: 'other', url: `${address}-2`, path: 'atlas/higgs-2' })];
    expect(placeOfImage(image(), house({ projects, imageRules: [rule(over)] }))).toBeUndefined();
  });

  it.each([
    ['other images', image({ repository: 'cms/app' })],
    ['other tags', image({ tags: ['latest'] })],
    ['another registry', image({ registry: 'elsewhere.example.org' })],
    ['another CVMFS repository', image({ cvmfsRepository: 'other.example.org' })],
  ])("is none where the project's rule is for %s", (_what, said) => {
    expect(placeOfImage(said, house())).toBeUndefined();
  });

  it('is still shown when its tag moved on meanwhile', () => {
    expect(placeOfImage(image({ tags: [] }), house())).toBeDefined();
  });

  it('is none where the project is in no GitLab, or no GitLab project', () => {
    expect(placeOfImage(image(), house({ gitlabServers: [] }))).toBeUndefined();
    const projects = [project({ kind: 'repository', path: undefined })];
    expect(placeOfImage(image(), house({ projects }))).toBeUndefined();
  });

  it("is found by the project's number where that is known", () => {
    const projects = [project({ gitlabId: 7 })];
    expect(placeOfImage(image(), house({ projects }))?.gitlabProject).toBe('7');
  });

  it.each([
    [{ repository: 'atlas/higgs/worker' }, `slipway/${cvmfsRepository}/worker`],
    [{ repository: 'atlas/higgs-tools' }, `slipway/${cvmfsRepository}/atlas/higgs-tools`],
    [{ platform: 'linux/amd64' }, `slipway/${cvmfsRepository}`],
    [{ platform: 'linux/arm64' }, `slipway/${cvmfsRepository} (linux/arm64)`],
  ])('has a status for each of its images: %j', (over, name) => {
    expect(placeOfImage(image(over), house())?.name).toBe(name);
  });
});

describe('what GitLab is told of an image', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const said = { ...image(), digest: `sha256:${'d'.repeat(64)}`, tags: ['v1'], attempt: 1 };
  const tree = { path: '/cvmfs/x/.flat/d', files: 1, directories: 1, bytes: 1 };
  const failure = {
    step: 'unpack' as const,
    code: 'layer.corrupt',
    reason: 'a bad layer',
    seconds: { total: 1 },
  };

  it('is that it runs, and not how far each step is', () => {
    expect(imageWordOf.publishing({ ...said, step: 'fetch' }, at)).toEqual({
      workId: publicationId(said),
      state: 'running',
      at: new Date(at),
      description: `on its way to ${cvmfsRepository}`,
    });
    expect(imageWordOf.publishing({ ...said, step: 'fetch', bytesDone: 5 }, at)).toBeUndefined();
    expect(imageWordOf.publishing({ ...said, step: 'unpack', filesDone: 5 }, at)).toBeUndefined();
  });

  it('is that it was taken back, where it was withdrawn on its way', () => {
    const taken = { ...said, path: tree.path, unreferencedAt: at };
    expect(imageWordOf.unpublished(taken, at)).toEqual({
      workId: publicationId(said),
      state: 'canceled',
      at: new Date(at),
      description: 'taken back before it was published',
    });
  });

  it('is under which name it can be read, or where it has none, at which path', () => {
    const published = { ...said, ...tree, links: ['/cvmfs/x/app:v1'], seconds: { total: 12.4 } };
    expect(imageWordOf.published(published, at)).toMatchObject({
      state: 'success',
      description: 'readable as /cvmfs/x/app:v1, after 12 s',
    });
    expect(imageWordOf.published({ ...published, links: [] }, at).description).toContain(tree.path);
  });

  it('is why it failed, and that it runs on as long as it is tried again', () => {
    expect(imageWordOf.failed({ ...said, ...failure, willRetry: true }, at)).toMatchObject({
      state: 'running',
      description: 'attempt 1 failed, it is tried again: a bad layer',
    });
    expect(imageWordOf.failed({ ...said, ...failure, willRetry: false }, at)).toMatchObject({
      state: 'failed',
      description: 'a bad layer',
    });
  });

  it('is news when a failed one is tried anew later, and not when its last step is heard of late', () => {
    const failed = imageWordOf.failed({ ...said, ...failure, willRetry: false }, at);
    const step = (time: string) => ({ state: 'running' as const, at: new Date(time) });
    expect(isNews(failed, step('2026-01-01T00:00:01.000Z'))).toBe(true);
    expect(isNews(failed, step('2025-12-31T23:59:59.000Z'))).toBe(false);
  });
});
