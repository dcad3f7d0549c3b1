import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { defineResource } from './define-resource.js';

const schema = z
  .strictObject({
    name: resourceName,
    kind: z.enum(['local', 'htcondor', 'slurm', 'diracx']).describe('which batch system'),
    url: z
      .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
      .max(2_000)
      .refine((url) => !/^https?:\/\/[^/]*@/.test(url), 'expected a URL without user name or password')
      .optional()
      .describe('of slurmrestd, or of the DiracX server'),
    schedd: z.string().min(1).max(255).optional().describe('HTCondor: the schedd; absent: the local one'),
    pool: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('HTCondor: the central manager; absent: the local one'),
    partition: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Slurm: the partition; absent: the default one'),
    credential: resourceName.optional().describe('what Slipway itself signs in with'),
    jobs: z.int().positive().max(10_000_000).default(10_000).describe('jobs at once, of all projects'),
    allowedSubmitCommands: z
      .array(z.string().regex(/^\+?[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a submit command'))
      .default([])
      .describe('HTCondor: submit commands that a job may add'),
  })
  .superRefine(({ kind, url }, context) => {
    if (kind === 'diracx' && url === undefined)
      context.addIssue({ code: 'custom', path: ['url'], message: 'is missing: diracx needs one' });
  })
  .describe('a grid backend');

export type BackendSettings = z.output<typeof schema>;

/** A batch system that jobs go to. */
export const backendResource = defineResource({
  kind: 'backend',
  plural: 'backends',
  section: 'backends',
  title: 'grid backend',
  means: 'A batch system that jobs go to.',
  schema,
  nameOf: ({ name }) => name,
  references: ({ credential }) =>
    credential ? [{ kind: 'credential', name: credential, path: ['credential'] }] : [],
});
