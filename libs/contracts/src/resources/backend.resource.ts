import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { webAddress } from '../model/web-address.js';
import { defineResource } from './define-resource.js';

const diracWord = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_.-]+$/, 'expected a name of letters, digits, "_", "." and "-"')
  .optional();

const kinds = ['local', 'htcondor', 'slurm', 'diracx', 'plugin'] as const;

type Kind = (typeof kinds)[number];

const htcondorAlone: readonly Kind[] = ['htcondor', 'plugin'];
const slurmAlone: readonly Kind[] = ['slurm', 'plugin'];
const diracxAlone: readonly Kind[] = ['diracx', 'plugin'];
const allButLocal: readonly Kind[] = ['htcondor', 'slurm', 'diracx', 'plugin'];

/** Who reads the fields that not every kind reads. A plugin is given all of them. */
const readers: Readonly<Record<string, readonly Kind[]>> = {
  plugin: ['plugin'],
  options: ['plugin'],
  url: ['slurm', 'diracx', 'plugin'],
  schedd: htcondorAlone,
  pool: htcondorAlone,
  eventLog: htcondorAlone,
  sharedFiles: htcondorAlone,
  tokenIssuer: htcondorAlone,
  tokenAudience: htcondorAlone,
  partition: slurmAlone,
  directory: slurmAlone,
  arraySize: slurmAlone,
  tools: ['htcondor', 'slurm', 'plugin'],
  credential: allButLocal,
  vo: diracxAlone,
  group: diracxAlone,
};

/** Where no kind is chosen yet: by all of them. */
const isReadBy = (kind: unknown, field: string): boolean =>
  readers[field]?.some((reader) => reader === kind) ?? true;

const listed = new Intl.ListFormat('en-GB');

const schema = z
  .strictObject({
    name: resourceName,
    kind: z.enum(kinds).describe('which batch system; plugin: one that a package brings'),
    plugin: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and "-"')
      .optional()
      .describe('plugin: the kind of batch system, as the package names it'),
    options: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean()], 'expected text, a number, true or false'),
      )
      .optional()
      .describe('plugin: what it wants to know'),
    transfer: z
      .enum(['http', 'backend'])
      .default('http')
      .describe(
        'how logs and outputs come back: http, from the worker nodes to the monitor; or backend, by the batch system itself, at the end, where worker nodes have no way out',
      ),
    url: webAddress.optional().describe('of slurmrestd, or of the DiracX server'),
    schedd: z.string().min(1).max(255).optional().describe('HTCondor: the schedd; absent: the local one'),
    pool: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('HTCondor: the central manager; absent: the local one'),
    eventLog: z
      .string()
      .max(1_024)
      .regex(/^\/[^\0\n]*$/, 'expected an absolute path')
      .optional()
      .describe(
        "HTCondor: the schedd's event log (EVENT_LOG, as JSON), where the monitor can read it; then states come at once",
      ),
    sharedFiles: z
      .boolean()
      .optional()
      .describe(
        'HTCondor: worker nodes of the same FILESYSTEM_DOMAIN see the state directory too; jobs read their files there, and none is sent',
      ),
    partition: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Slurm: the partition; absent: the default one'),
    tools: z
      .string()
      .max(1_024)
      .regex(/^\/[^\0\n:]*$/, 'expected an absolute path')
      .optional()
      .describe(
        "HTCondor, Slurm: directory of the command-line tools; absent: where the system's programs are",
      ),
    directory: z
      .string()
      .max(1_024)
      .regex(/^(?:\/[A-Za-z0-9._+@=-]+)+$/, 'expected an absolute path of letters, digits and "._+@=-"')
      .optional()
      .describe(
        'Slurm, for transfer "backend": a directory that all nodes and the services share, where jobs leave their files',
      ),
    arraySize: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Slurm: the most jobs of one array, where MaxArraySize is less than 1001'),
    credential: resourceName.optional().describe('what Slipway itself signs in with'),
    vo: diracWord.describe('DiracX: the virtual organization'),
    group: diracWord.describe('DiracX: the group of it whose rights the jobs have'),
    tokenIssuer: webAddress
      .optional()
      .describe(
        'HTCondor: who gives access tokens to credentials of the type iam-client, e.g. an INDIGO IAM',
      ),
    tokenAudience: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('HTCondor: for whom these tokens are; absent: for anybody who trusts the issuer'),
    jobs: z.int().positive().max(10_000_000).default(10_000).describe('jobs at once, of all projects'),
    allowedSubmitCommands: z
      .array(z.string().regex(/^\+?[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a submit command'))
      .default([])
      .describe('HTCondor: submit commands that a job may add; Slurm: options; DiracX: JDL fields'),
  })
  .superRefine((backend, context) => {
    const { kind, url, vo, group, plugin, sharedFiles, transfer } = backend;
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    for (const [field, value] of Object.entries(backend))
      if (value !== undefined && !isReadBy(kind, field))
        complain(field, `is for ${listed.format(readers[field] ?? [])} backends, not for ${kind} ones`);
    for (const [path, value] of Object.entries({ url, vo, group }))
      if (kind === 'diracx' && value === undefined) complain(path, 'is missing: diracx needs one');
    if (kind === 'htcondor' && sharedFiles === true && transfer !== 'http')
      complain('sharedFiles', 'is for transfer http');
    if (kind === 'plugin' && plugin === undefined) complain('plugin', 'is missing: which one?');
  })
  .describe('a grid backend');

/** What the submitter and the monitor open a batch system with; `jobs` caps all projects together. */
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
  hasField: ({ kind }, field) => isReadBy(kind, field),
});
