import type {
  BackendSettings,
  CredentialSettings,
  IdentityMappingSettings,
  jobSubmit,
  PayloadOf,
  ProjectSettings,
} from '#contracts';
import { mappingFor } from './identity.js';

/** What of a group decides on it. */
export type JudgedGroup = Pick<PayloadOf<typeof jobSubmit>, 'project' | 'backend' | 'user' | 'template'>;

/** What is known when a group is judged. */
export interface Known {
  project(name: string): ProjectSettings | undefined;
  backend(name: string): BackendSettings | undefined;
  credential(name: string): CredentialSettings | undefined;
  readonly identityMappings: readonly IdentityMappingSettings[];
}

/** What becomes of a group: where and as whom it runs, or what `group.refused` tells whoever asked. */
export type Verdict =
  /** `identity`: name of the mapping; absent: the backend's own account. */
  | { readonly accepted: true; readonly backend: string; readonly identity: string | undefined }
  | { readonly accepted: false; readonly code: string; readonly reason: string };

const refused = (code: string, reason: string): Verdict => ({ accepted: false, code, reason });

/** Whether a group may run, where and as whom; or why not, in words for whom asked. */
export function judge(group: JudgedGroup, known: Known): Verdict {
  const project = known.project(group.project);
  if (!project) return refused('project.unknown', `there is no project ${group.project}`);
  const name = group.backend ?? project.backend;
  if (name === undefined) {
    const reason = `the job names no backend, and the project ${project.name} has no default`;
    return refused('backend.missing', reason);
  }
  const backend = known.backend(name);
  if (!backend) return refused('backend.unknown', `there is no backend ${name}`);
  return (
    overLimits(group, project) ??
    forbiddenCommands(group, backend) ??
    unreachable(group, backend) ??
    asWhom(group, backend, known)
  );
}

/** What other jobs brought back, a job fetches itself. */
function unreachable({ template }: JudgedGroup, { name, transfer }: BackendSettings): Verdict | undefined {
  if (transfer !== 'backend' || template.inputs.every(({ outputsOf }) => outputsOf === undefined))
    return undefined;
  const reason = `jobs on the backend ${name} have no way to fetch what other jobs brought back (its transfer is "backend")`;
  return refused('backend.no_way_out', reason);
}

function overLimits({ template }: JudgedGroup, { name, limits }: ProjectSettings): Verdict | undefined {
  const { cpus, memoryBytes, wallTimeSeconds } = template.resources;
  const over = (what: string, wanted: string, most: string): Verdict =>
    refused(
      'project.limit_exceeded',
      `${what}: a job wants ${wanted}; one of project ${name} gets ${most} at most`,
    );
  if (cpus > limits.cpus) return over('cores', `${cpus}`, `${limits.cpus}`);
  if (memoryBytes > limits.memory) return over('memory', mebibytes(memoryBytes), mebibytes(limits.memory));
  const most = Math.floor(limits.wallTime / 1_000);
  return wallTimeSeconds > most ? over('wall-clock time', `${wallTimeSeconds} s`, `${most} s`) : undefined;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

function forbiddenCommands({ template }: JudgedGroup, backend: BackendSettings): Verdict | undefined {
  const allowed = new Set(backend.allowedSubmitCommands.map((command) => command.toLowerCase()));
  const forbidden = Object.keys(template.batch).filter((command) => !allowed.has(command.toLowerCase()));
  if (forbidden.length === 0) return undefined;
  const reason = `the backend ${backend.name} does not allow a job to set ${forbidden.join(', ')}`;
  return refused('backend.command_not_allowed', reason);
}

function asWhom(group: JudgedGroup, backend: BackendSettings, known: Known): Verdict {
  const accepted = { accepted: true, backend: backend.name } as const;
  // Jobs on the machine itself run as the service does, and without a person they run as the backend's own.
  if (backend.kind === 'local' || !group.user) return { ...accepted, identity: undefined };
  const mapping = mappingFor(group.user, backend, known.identityMappings);
  if (!mapping) {
    const reason = `nobody said as whom ${group.user.name} runs jobs on ${backend.name}: an admin adds an identity mapping for them or for one of their groups`;
    return refused('identity.unmapped', reason);
  }
  const credential = known.credential(mapping.credential);
  if (!credential) {
    const reason = `the identity mapping ${mapping.name} names the credential ${mapping.credential}, which does not exist`;
    return refused('identity.credential_missing', reason);
  }
  if (credential.project !== undefined && credential.project !== group.project) {
    const reason = `the identity mapping ${mapping.name} has a credential of the project ${credential.project} alone`;
    return refused('identity.credential_foreign', reason);
  }
  return { ...accepted, identity: mapping.name };
}
