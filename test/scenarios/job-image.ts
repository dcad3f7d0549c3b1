import { join, relative } from 'node:path';
import { programLayer } from './program-layer.js';
import { cvmfsRepository, PublisherWorld } from './publisher-world.js';

const cvmfs = `/cvmfs/${cvmfsRepository}`;
// What the job's own script needs where the batch system puts all of it into the image.
const applets =
  'cat chmod cp cut date dd env grep gzip head hostname id kill ls mkdir mkfifo mktemp mv od pwd rm sed setsid sh sha256sum sleep tar tee tr touch true uname wc';

/** An image that cvmfs-publisher has put into a directory, which batch systems have as their /cvmfs. */
export interface PublishedJobImage {
  readonly world: PublisherWorld;
  /** Where worker nodes have it. */
  readonly image: string;
  /** For the batch systems' sandboxes. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** Give `import.meta.url`. The image holds what a job's own script runs, curl included, and little else. */
export async function publishedJobImage(testPath: string): Promise<PublishedJobImage> {
  const world = await PublisherWorld.create({
    testPath: testPath,
    repository: { bindPoints: ['/cvmfs'] },
  });
  await world.startPublisher();
  const links = applets.split(' ').map((name) => {
    return { name: `bin/${name}`, type: 'symlink', linkname: 'busybox' } as const;
  });
  const layers = [
    programLayer(['busybox', 'curl']),
    [...links, { name: 'etc/words', content: 'the image’s words\n' }],
  ];
  const config = { Env: ['PATH=/opt:/bin', 'OWN=of the image', 'OVER=of the image'] };
  const digest = await world.push('team/tool', 'v1', layers, { config });
  await world.announce({ repository: 'team/tool', tag: 'v1', digest });
  await world.recorder.waitFor('image.published', (said) => said['digest'] === digest);
  const image = join(cvmfs, relative(world.root, world.link('team/tool', 'v1')));
  return { world, image, mounts: { [cvmfs]: world.root } };
}
