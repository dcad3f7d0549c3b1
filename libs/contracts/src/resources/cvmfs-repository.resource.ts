import { z } from 'zod';
import { cvmfsRepositoryName } from '../model/image.js';
import { byteSize, duration } from '../model/quantity.js';
import { defineResource } from './define-resource.js';

/** How a CVMFS repository can be written. */
export const cvmfsDriverKinds = ['cvmfs_server', 'directory'] as const;

const count = z.number().int().positive();

/** Where sites mount things: a container cannot bind what its image has no directory for, and images here are read-only. */
const defaultBindPoints = [
  '/ceph',
  '/cvmfs',
  '/data',
  '/dev',
  '/eos',
  '/hadoop',
  '/home',
  '/mnt',
  '/proc',
  '/scratch',
  '/srv',
  '/sys',
  '/tmp',
  '/work',
];

const limits = z
  .strictObject({
    bytes: byteSize.prefault('64 GiB').describe('content of all files of one image'),
    fileBytes: byteSize.prefault('32 GiB').describe('content of one file'),
    entries: count.default(5_000_000).describe('files, directories and links of one image'),
    layers: count.default(512).describe('layers of one image'),
    depth: count.default(256).describe('directories inside one another'),
  })
  .describe('what an image may hold; one that holds more is refused as hostile');

const transaction = z
  .strictObject({
    maxImages: count
      .max(1_000)
      .default(20)
      .describe('images that wait are published together, up to this many'),
    wait: duration.prefault('10m').describe('how long to wait for one that is open or publishing'),
  })
  .describe('the CVMFS transaction');

const absolutePath = z.string().regex(/^\//, 'expected an absolute path');

const server = z
  .strictObject({
    tool: absolutePath.optional().describe('the cvmfs_server command. Default: the one on the path'),
    stateDirectory: absolutePath
      .optional()
      .describe('where locks and the note of the own transaction are; shared by all copies of the publisher'),
    spoolDirectory: absolutePath
      .optional()
      .describe("the repository's spool. Default: /var/spool/cvmfs/<name>"),
    manifest: z
      .string()
      .min(1)
      .optional()
      .describe('path or URL of .cvmfspublished. Default: /srv/cvmfs/<name>/.cvmfspublished'),
    mountinfo: absolutePath
      .optional()
      .describe(
        "where mounts are listed, e.g. the host's seen from a container. Default: /proc/self/mountinfo",
      ),
    forceRemount: z
      .boolean()
      .default(false)
      .describe(
        'publish although something on this host reads a file of the repository; its reads then fail',
      ),
  })
  .describe('of the driver cvmfs_server, where a site differs from the usual');

const schema = z
  .strictObject({
    name: cvmfsRepositoryName,
    driver: z
      .enum(cvmfsDriverKinds)
      .default('cvmfs_server')
      .describe('how to publish: the cvmfs_server command, or a plain directory with the same promise'),
    path: absolutePath
      .optional()
      .describe('where the tree is. Default for cvmfs_server: /cvmfs/<name>; required for directory'),
    gracePeriod: duration
      .prefault('7d')
      .describe('how long a tree that no tag names any more stays, for the jobs that still run from it'),
    bindPoints: z
      .array(
        z
          .string()
          .regex(/^\/[A-Za-z0-9._@/-]+$/, 'expected an absolute path')
          .refine((path) => !path.split('/').includes('..'), { error: 'expected a path without ".."' }),
      )
      .default(defaultBindPoints)
      .describe('paths that every image gets where it has none, so that sites can bind onto them'),
    owners: z
      .enum(['keep', 'mine'])
      .default('mine')
      .describe("whose the files are: as in the image (needs root), or the publishing user's"),
    limits: limits.prefault({}),
    transaction: transaction.prefault({}),
    server: server.prefault({}),
  })
  .superRefine((value, context) => {
    if (value.driver === 'directory' && value.path === undefined)
      context.addIssue({
        code: 'custom',
        path: ['path'],
        message: 'is missing: the driver directory needs one',
      });
  })
  .transform((value) => ({ ...value, path: value.path ?? `/cvmfs/${value.name}` }))
  .describe('a CVMFS repository to publish to');

/** What one lane of the publisher goes by: sizes in bytes, durations in milliseconds, `path` always there. */
export type CvmfsRepositorySettings = z.output<typeof schema>;

/** A CVMFS repository that Slipway publishes to. */
export const cvmfsRepositoryResource = defineResource({
  kind: 'cvmfs_repository',
  plural: 'cvmfs-repositories',
  section: 'cvmfsRepositories',
  title: 'CVMFS repository',
  means: 'A CVMFS repository to publish to, and how.',
  schema,
  nameOf: ({ name }) => name,
});
