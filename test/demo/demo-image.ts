import { createHash } from 'node:crypto';
import { buildLayer, type LayerEntry, pushImage } from '#oci';

/** What must stand at a path of the published tree. */
export type Expected =
  | { readonly kind: 'file'; readonly sha256: string; readonly mode: number; readonly sameAs?: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'nothing'; readonly why: string };

const directory = (name: string, mode = 0o755): LayerEntry => ({ name, mode, type: 'directory' });
const file = (name: string, content: string | Buffer, mode = 0o644): LayerEntry => ({ name, mode, content });
const link = (name: string, linkname: string): LayerEntry => ({ name, linkname, type: 'symlink' });

const release = 'NAME="Slipway demo"\nVERSION=2\n';
const shell = '#!/bin/sh\n# stands for a shell\n';
const run = '#!/bin/sh\ncat /opt/app/greeting\n';
const readme = 'What the second layer said is gone.\n';

/** Enough bytes to be seen moving, the same each time. */
const data = Buffer.concat(
  Array.from({ length: 65_536 }, (_, index) => createHash('sha256').update(`block ${index}`).digest()),
);

const layers = (greeting: string): readonly (readonly LayerEntry[])[] => [
  [
    directory('bin/'),
    file('bin/busybox', shell, 0o755),
    link('bin/sh', 'busybox'),
    directory('etc/'),
    file('etc/os-release', 'NAME="Slipway demo"\nVERSION=1\n'),
    directory('usr/'),
    directory('usr/share/'),
    directory('usr/share/doc/'),
    file('usr/share/doc/manual', 'hidden by an opaque directory above\n'),
    directory('var/'),
    directory('var/cache/', 0o555),
    file('var/cache/build.log', 'removed by a whiteout above\n'),
  ],
  [
    directory('opt/'),
    directory('opt/app/'),
    file('opt/app/run', run, 0o755),
    { name: 'opt/app/start', linkname: 'opt/app/run', type: 'link', mode: 0o755 },
    file('opt/app/data', data),
    directory('usr/local/'),
    directory('usr/local/bin/'),
    link('usr/local/bin/app', '/opt/app/run'),
  ],
  [
    file('var/cache/.wh.build.log', ''),
    file('usr/share/doc/.wh..wh..opq', ''),
    file('usr/share/doc/README', readme),
    file('etc/os-release', release),
  ],
  [file('opt/app/greeting', greeting)],
];

/** The tree that those layers make, worked out by hand: a second opinion, not the same code again. */
export function expectedTree(greeting: string): ReadonlyMap<string, Expected> {
  const is = (content: string | Buffer, mode = 0o644): Expected => ({
    kind: 'file',
    mode,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  return new Map<string, Expected>([
    ['bin/busybox', is(shell, 0o755)],
    ['bin/sh', { kind: 'link', target: 'busybox' }],
    ['etc/os-release', is(release)],
    ['opt/app/data', is(data)],
    ['opt/app/greeting', is(greeting)],
    ['opt/app/run', is(run, 0o755)],
    ['opt/app/start', { ...is(run, 0o755), sameAs: 'opt/app/run' } as Expected],
    ['singularity', { kind: 'link', target: '.singularity.d/runscript' }],
    ['usr/local/bin/app', { kind: 'link', target: '/opt/app/run' }],
    ['usr/share/doc/README', is(readme)],
    ['usr/share/doc/manual', { kind: 'nothing', why: 'an opaque directory hides it' }],
    ['var/cache/build.log', { kind: 'nothing', why: 'a whiteout removes it' }],
  ]);
}

/** The image as the registry has it, and what its tree on CVMFS has to be. */
export interface PushedDemoImage {
  readonly repository: string;
  readonly tag: string;
  /** Of the manifest. */
  readonly digest: string;
  readonly layers: number;
  readonly expected: ReadonlyMap<string, Expected>;
}

/** Builds the image and pushes it to the registry at this host and port. */
export async function pushDemoImage(registry: string, tag: string): Promise<PushedDemoImage> {
  const repository = 'demo/app';
  const greeting = `Hello from ${repository}:${tag}\n`;
  const built = await Promise.all(layers(greeting).map((entries) => buildLayer(entries)));
  const config = { config: { Cmd: ['/opt/app/run'], Env: ['PATH=/usr/local/bin:/bin'] } };
  const { digest } = await pushImage({ registry, repository, tags: [tag], layers: built, config });
  return { repository, tag, digest, layers: built.length, expected: expectedTree(greeting) };
}
