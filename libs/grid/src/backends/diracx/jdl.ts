import { createHash } from 'node:crypto';
import { permanent } from '#errors';
import { type Submission, transferredFiles } from '../../backend.js';

/** How long the wrapper may need beyond the job's own time, to get its log and outputs out. */
const wrapperSeconds = 300;
/** What DIRAC keeps of a JobName. */
const longestName = 128;

/** What a job may add where the backend allows it, and how it is written. */
const typesOfExtraFields: Readonly<Record<string, 'text' | 'number' | 'list'>> = {
  BannedSites: 'list',
  CPUTime: 'number',
  JobType: 'text',
  LogLevel: 'text',
  Platform: 'list',
  Site: 'list',
  Tags: 'list',
};

/** What a JDL holds besides the submission: whose jobs they are, what they may add, where their files are. */
export interface JdlOptions {
  /** As `housePrefix` gives it. */
  readonly prefix: string;
  readonly allowed: readonly string[];
  /** Names of sandboxes as DiracX gave them: the one that all jobs share, then each job's own. */
  readonly shared: string;
  readonly own: readonly string[];
}

/**
 * One JDL for a whole submission: a job, or a parametric one for several, whose jobs differ in their number and their
 * own sandbox. Throws permanent `grid.refused` for a `batch` field that may not be.
 */
export function describeJobs(submission: Submission, options: JdlOptions): string {
  const { template, attempts, transfer } = submission;
  const { cpus, memoryBytes, wallTimeSeconds } = template.resources;
  const several = attempts.length > 1;
  const outputs = ['std.out', 'std.err', ...(transfer === 'backend' ? transferredFiles : [])];
  const fields: Record<string, string> = {
    Executable: quoted('/bin/sh'),
    Arguments: quoted('slipway-job.sh'),
    JobName: quoted(jobName(options.prefix, several ? '%n' : '0', submission.name), /%n/),
    JobGroup: quoted(jobGroupOf(submission.id)),
    StdOutput: quoted('std.out'),
    StdError: quoted('std.err'),
    InputSandbox: several
      ? list([options.shared, '%(SANDBOX)s'], /%\(SANDBOX\)s/)
      : list([options.shared, options.own[0] ?? '']),
    OutputSandbox: list(outputs),
    CPUTime: String((wallTimeSeconds + wrapperSeconds) * cpus),
    MinRAM: String(Math.ceil(memoryBytes / 2 ** 20)),
    MinNumberOfProcessors: String(cpus),
    MaxNumberOfProcessors: String(cpus),
    // DIRAC's own goes from 0 to 10, and is 1 for who says nothing.
    Priority: String(Math.max(0, Math.min(10, 1 + template.priority))),
    ...extraFields(template.batch, options.allowed),
    ...(several && { Parameters: String(attempts.length), 'Parameters.SANDBOX': list(options.own) }),
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name} = ${value};`)
    .join('\n');
}

/** What all names of this house's jobs begin with; two houses never have the same one. */
export function housePrefix(house: string): string {
  const plain = house.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
  if (plain === house && plain !== '') return `${plain}/`;
  return `${plain}.${createHash('sha256').update(house).digest('hex').slice(0, 12)}/`;
}

/** DIRAC keeps 32 characters of a JobGroup: a UUID without its hyphens. */
export const jobGroupOf = (submissionId: string): string => submissionId.replaceAll('-', '').toLowerCase();

/** Which of a submission's attempts the job of that name is; undefined where the name is not ours. */
export function indexIn(name: string, prefix: string): number | undefined {
  const [digits = ''] = name.startsWith(prefix) ? name.slice(prefix.length).split('/') : [];
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

const jobName = (prefix: string, number: string, name: string): string =>
  `${prefix}${number}/${name.replaceAll(/[^A-Za-z0-9_.: +-]/g, '_')}`.slice(0, longestName).trim();

function extraFields(
  batch: Readonly<Record<string, string>>,
  allowed: readonly string[],
): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(batch)) {
    const kind = Object.hasOwn(typesOfExtraFields, name) ? typesOfExtraFields[name] : undefined;
    if (kind === undefined)
      throw refused(
        name,
        `is not one that a job may add; those are ${Object.keys(typesOfExtraFields).join(', ')}`,
      );
    if (!allowed.includes(name)) throw refused(name, 'is not among those that this backend allows');
    if (kind === 'number') {
      if (!/^\d{1,9}$/.test(value)) throw refused(name, 'has to be a number');
      fields[name] = value;
    } else {
      const parts = (kind === 'list' ? value.split(',') : [value]).map((part) => part.trim());
      if (!parts.every((part) => /^[A-Za-z0-9_.:+-]{1,255}$/.test(part)))
        throw refused(name, 'has a value with other than letters, digits, "_", ".", ":", "+" and "-" in it');
      fields[name] = parts.length === 1 ? quoted(parts[0] ?? '') : list(parts);
    }
  }
  return fields;
}

/**
 * JDL has no way to escape anything: DiracX takes `;`, `[`, `{`, `,`, `%` and quotes for its own inside of strings too.
 * What has other characters than these is refused rather than written. `placeholder`: the one that DiracX fills in.
 */
function quoted(text: string, placeholder?: RegExp): string {
  const plain = placeholder === undefined ? text : text.replace(placeholder, '');
  if (!/^[A-Za-z0-9_.:/|@ +-]*$/.test(plain) || text === '')
    throw permanent('grid.refused', 'JDL cannot carry a text with such characters', {
      subject: plain.slice(0, 64),
    });
  return `"${text}"`;
}

const list = (texts: readonly string[], placeholder?: RegExp): string =>
  `{${texts.map((text) => quoted(text, placeholder)).join(', ')}}`;

function refused(name: string, why: string): Error {
  // eslint-disable-next-line no-control-regex
  const shown = name.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 64);
  return permanent('grid.refused', `the JDL field "${shown}" ${why}`, { subject: shown });
}
