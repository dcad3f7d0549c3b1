import type { SubmitAnswer } from '#api';
import {
  backendResource,
  credentialResource,
  identityMappingResource,
  type JobRequest,
  jobSubmit,
  projectResource,
  type Resource,
  type ResourceKind,
  type SettingsOf,
} from '#contracts';
import { addToOutbox } from '#database';
import { permanent } from '#errors';
import { judge, type JudgedGroup, type Known } from '#grid';
import { currentTraceparent } from '#service';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ownersOf } from '../changes/permission.js';
import { authorOf, type ResourceChanges } from '../changes/resource-changes.js';
import { maySubmitJobs, type Identity, isPerson } from '#access';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { AuditStore } from '../storage/audit.store.js';
import { type KeptAnswer, once } from '../storage/idempotency.store.js';
import { listResources } from '../storage/resource-list.js';
import type { ResourceStore } from '../storage/resource.store.js';

/** The group leaves by the outbox of `changes`, in the transaction that notes it in the audit trail. */
export interface JobSubmissionParts {
  readonly dataSource: DataSource;
  readonly changes: ResourceChanges;
  readonly resources: ResourceStore;
  readonly audit: AuditStore;
}

/** More than anybody writes; beyond it the first by name count here, and the submitter judges again. */
const mostMappings = 10_000;

/** Which field of the request a refusal is about. */
const fieldOf: Readonly<Record<string, string>> = {
  'project.unknown': 'project',
  'project.limit_exceeded': 'resources',
  'backend.missing': 'backend',
  'backend.unknown': 'backend',
  'backend.command_not_allowed': 'batch',
};

/** Hands jobs to the submitter. It judges again, by its own copy: what is refused here is what people can be told at once. */
export class JobSubmissions {
  constructor(private readonly parts: JobSubmissionParts) {}

  /** @throws FieldsRefused with the submitter's code for why not; permanent `access.forbidden` */
  async submit(caller: Identity, request: JobRequest, key: string | undefined): Promise<SubmitAnswer> {
    const { resources, changes } = this.parts;
    if (!maySubmitJobs(caller, await ownersOf(resources, request.project))) {
      const message = `only admins, owners and CI jobs of the project ${request.project} may hand in its jobs`;
      throw permanent('access.forbidden', message, { level: 'info' });
    }
    const group = { ...request, user: userOf(caller) };
    const verdict = judge(group, await this.known(group));
    if (!verdict.accepted) {
      const path = [fieldOf[verdict.code] ?? 'project'];
      throw new FieldsRefused(verdict.code, verdict.reason, [{ path, message: verdict.reason }]);
    }
    const { backend, identity } = verdict;
    const answer: SubmitAnswer = {
      groupId: randomUUID(),
      name: request.name,
      project: request.project,
      backend,
      ...(identity !== undefined && { identity }),
      jobs: request.items.length,
    };
    const kept = await changes.transaction((manager) => {
      const work = async (): Promise<KeptAnswer> => {
        const payload = {
          ...group,
          items: [...group.items],
          backend,
          groupId: answer.groupId,
          requestedBy: caller.name,
          requestedAt: new Date().toISOString(),
        };
        await addToOutbox(manager, { message: jobSubmit, payload, traceparent: currentTraceparent() });
        await this.parts.audit.record(manager, {
          author: authorOf(caller),
          action: 'jobs_asked',
          kind: 'job',
          name: answer.groupId,
          detail: `${answer.jobs} of ${answer.project} on ${backend}: ${answer.name}`,
        });
        return { status: 202, headers: {}, body: answer };
      };
      const route = 'POST /api/v1/jobs';
      const asked = { subject: caller.subject, key: key ?? '', route, body: request };
      return key === undefined ? work() : once(manager, asked, work);
    });
    return kept.body as SubmitAnswer;
  }

  private async known(group: JudgedGroup): Promise<Known> {
    const project = await this.one(projectResource, group.project);
    const backend = await this.one(backendResource, group.backend ?? project?.backend);
    const mappings = await this.mappings();
    const names = new Set(mappings.map(({ credential }) => credential));
    const credentials = await Promise.all([...names].map((name) => this.one(credentialResource, name)));
    return {
      project: (name) => (project?.name === name ? project : undefined),
      backend: (name) => (backend?.name === name ? backend : undefined),
      credential: (name) => credentials.find((one) => one?.name === name),
      identityMappings: mappings,
    };
  }

  private async one<R extends Resource>(
    resource: R,
    name: string | undefined,
  ): Promise<SettingsOf<R> | undefined> {
    const kind: ResourceKind = resource.kind;
    const stored = name === undefined ? undefined : await this.parts.resources.current(kind, name);
    return stored && (resource.schema.parse(stored.spec) as SettingsOf<R>);
  }

  private async mappings(): Promise<Known['identityMappings']> {
    const query = { kind: 'identity_mapping', limit: mostMappings } as const;
    const stored = await listResources(this.parts.dataSource, query);
    return stored.map(({ spec }) => identityMappingResource.schema.parse(spec));
  }
}

/**
 * Whose grid identity the jobs take. A key or token has a name that its maker chose, which may be somebody's: it goes by
 * its subject. An admin's key speaks for the house.
 */
function userOf(caller: Identity): { readonly name: string; readonly groups: string[] } | undefined {
  if (isPerson(caller)) return { name: caller.name, groups: [...caller.groups] };
  return caller.role === 'admin' ? undefined : { name: caller.subject, groups: [] };
}
