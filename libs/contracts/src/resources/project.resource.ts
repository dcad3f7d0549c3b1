import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { byteSize, duration } from '../model/quantity.js';
import { webAddress } from '../model/web-address.js';
import { defineResource } from './define-resource.js';

const person = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\S(?:.*\S)?$/, 'expected a user name or subject without space around it');

const limits = z
  .strictObject({
    jobs: z.int().positive().max(1_000_000).default(100).describe('grid jobs at once'),
    cpus: z.int().positive().max(4_096).default(8).describe('cores of one job at most'),
    memory: byteSize.prefault('16 GiB').describe('memory of one job at most'),
    wallTime: duration.prefault('24h').describe('wall-clock time of one job at most'),
  })
  .describe('what its jobs may take');

const schema = z
  .strictObject({
    name: resourceName,
    kind: z.enum(['gitlab', 'repository']).default('gitlab').describe('a GitLab project, or any repository'),
    url: webAddress.describe('where people see it'),
    gitlabId: z.int().positive().optional().describe("its number in GitLab, in the project's settings"),
    path: z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+$/, 'expected group/project')
      .optional()
      .describe('its path in GitLab, e.g. atlas/analysis'),
    description: z.string().max(1_000).optional(),
    backend: resourceName.optional().describe('where its jobs run unless they say so'),
    limits: limits.prefault({}),
    owners: z
      .array(person)
      .max(200)
      .default([])
      .describe('who may change it and what belongs to it: user names, or subjects of the sign-in provider'),
    ownerGroups: z
      .array(person)
      .max(200)
      .default([])
      .describe('groups of the sign-in provider, GitLab groups among them, whose members may too'),
    ciTokens: z
      .enum(['read', 'publish', 'change'])
      .default('publish')
      .describe(
        'what its GitLab CI jobs may do: read, also publish its images now, or also change what an owner may, from protected branches and tags',
      ),
  })
  .superRefine((project, context) => {
    if (project.kind === 'gitlab' && project.gitlabId === undefined && project.path === undefined) {
      const message = 'is missing: a GitLab project needs its path or gitlabId';
      context.addIssue({ code: 'custom', path: ['path'], message });
    }
  })
  .describe('a project');

/** What owners, limits and backend of a project are; memory in bytes, wall time in milliseconds. */
export type ProjectSettings = z.output<typeof schema>;

/** A GitLab project or any repository whose work goes through Slipway. */
export const projectResource = defineResource({
  kind: 'project',
  plural: 'projects',
  section: 'projects',
  title: 'project',
  means: 'A GitLab project, or any repository, whose work goes through Slipway; and what it may take.',
  schema,
  nameOf: ({ name }) => name,
  projectOf: ({ name }) => name,
  references: ({ backend }) => (backend ? [{ kind: 'backend', name: backend, path: ['backend'] }] : []),
});
