import { imageRuleResource, type ImageRule } from '#contracts';
import { imageNameOf, imageOnCvmfs, type PublishedTree } from './image-on-cvmfs.js';

const rule = (over: Partial<ImageRule> = {}): ImageRule => ({
  ...imageRuleResource.schema.parse({
    name: 'tools',
    registry: 'docker.io',
    repository: 'library/*',
    cvmfsRepository: 'images.example.org',
    project: 'atlas',
  }),
  ...over,
});
const tree = (over: Partial<PublishedTree> = {}): PublishedTree => ({
  cvmfsRepository: 'images.example.org',
  digest: `sha256:${'a'.repeat(64)}`,
  path: '/cvmfs/images.example.org/.trees/aa',
  tags: ['3.20'],
  ...over,
});

describe('the name of an image as a job has it', () => {
  it('is as publications are named, whatever people leave out', () => {
    expect(imageNameOf('alpine')).toEqual({
      registry: 'docker.io',
      repository: 'library/alpine',
      tag: 'latest',
    });
    expect(imageNameOf('docker://ghcr.io/team/tool:v1')).toEqual({
      registry: 'ghcr.io',
      repository: 'team/tool',
      tag: 'v1',
    });
    expect(imageNameOf(`index.docker.io/library/alpine@sha256:${'a'.repeat(64)}`)).toEqual({
      registry: 'docker.io',
      repository: 'library/alpine',
      digest: `sha256:${'a'.repeat(64)}`,
    });
  });

  it('is none of a path, or of what no registry has', () => {
    expect(imageNameOf('/cvmfs/unpacked.cern.ch/x')).toBeUndefined();
    expect(imageNameOf('Not An Image')).toBeUndefined();
    expect(imageNameOf('oras://x/y')).toBeUndefined();
  });
});

describe('an image on CVMFS', () => {
  it('runs from its tree, and the job says so', () => {
    expect(imageOnCvmfs('alpine:3.20', [tree()], [rule()], 'atlas')).toEqual({
      path: '/cvmfs/images.example.org/.trees/aa',
      notice: 'Image alpine:3.20 runs from /cvmfs/images.example.org/.trees/aa',
    });
  });

  it('by its digest runs from there when its tag, or its repository, is of a rule', () => {
    const byDigest = `alpine@sha256:${'a'.repeat(64)}`;
    expect(imageOnCvmfs(byDigest, [tree()], [rule()], 'atlas')).toHaveProperty('path');
    expect(imageOnCvmfs(byDigest, [tree()], [rule({ tags: ['v*'] })], 'atlas')).not.toHaveProperty('path');
    expect(imageOnCvmfs(byDigest, [tree({ tags: [] })], [rule({ tags: ['v*'] })], 'atlas')).toHaveProperty(
      'path',
    );
  });

  it('is that of the first rule that has it, where several publish it', () => {
    const other = tree({ cvmfsRepository: 'other.example.org', path: '/cvmfs/other.example.org/t' });
    const rules = [
      rule({ cvmfsRepository: 'third.example.org' }),
      rule({ cvmfsRepository: 'other.example.org' }),
      rule(),
    ];
    expect(imageOnCvmfs('alpine:3.20', [tree(), other], rules, 'atlas')).toMatchObject({ path: other.path });
  });

  it('is taken from its registry while it is not there, or where no rule of the project or the house wants it', () => {
    expect(imageOnCvmfs('alpine:3.20', [], [rule()], 'atlas')).toEqual({
      notice:
        'Image docker.io/library/alpine:3.20 is taken from its registry: it is not on images.example.org now, where the image rule tools puts it',
    });
    const foreign = imageOnCvmfs('alpine:3.20', [tree()], [rule({ project: 'lhcb' })], 'atlas');
    expect(foreign).toEqual({
      notice:
        'Image docker.io/library/alpine:3.20 is taken from its registry: no image rule puts it on CVMFS',
    });
    const ofHouse = imageOnCvmfs('alpine:3.20', [tree()], [rule({ project: undefined })], 'atlas');
    expect(ofHouse).toHaveProperty('path');
  });

  it('is nobody’s to look for where the job names a directory', () => {
    expect(imageOnCvmfs('/cvmfs/unpacked.cern.ch/x', [], [rule()], 'atlas')).toBeUndefined();
  });
});
