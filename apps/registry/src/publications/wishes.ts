import type { PublishAnswer, PublishBody, UnpublishAnswer, UnpublishQuery } from '#api';
import { imagePublish, imageSubject, imageUnpublish, publicationSubject } from '#contracts';
import { addToOutbox } from '#database';
import { permanent } from '#errors';
import { currentTraceparent } from '#service';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { ownersOf } from '../changes/permission.js';
import { authorOf, type ResourceChanges } from '../changes/resource-changes.js';
import { mayChange, mayPublish, type Identity } from '#access';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { PublicationRecord } from '../domain/publication-record.js';
import type { AuditStore } from '../storage/audit.store.js';
import { type KeptAnswer, once } from '../storage/idempotency.store.js';
import type { PublicationStore } from '../storage/publication.store.js';
import type { ResourceStore } from '../storage/resource.store.js';
import type { KnownRules } from './known-rules.js';
import type { Publications } from './publications.js';

/** What says who may wish for an image and where it would go, and what is known of it already. */
export interface WishesParts {
  readonly changes: ResourceChanges;
  readonly resources: ResourceStore;
  readonly audit: AuditStore;
  readonly rules: KnownRules;
  readonly store: PublicationStore;
  readonly publications: Publications;
}

interface Destination {
  readonly cvmfsRepository: string;
  /** The project of the rule that sends it there. */
  readonly project?: string | undefined;
}

/** What people ask the publisher for. Each wish leaves with its line in the audit trail, or not at all. */
export class Wishes {
  constructor(private readonly parts: WishesParts) {}

  /** @throws FieldsRefused `image.no_rule`; permanent `access.forbidden` */
  async publish(caller: Identity, body: PublishBody, key: string | undefined): Promise<unknown> {
    const destinations = await this.permitted(caller, body, await this.destinations(body));
    const { store, publications, changes } = this.parts;
    const { registry, repository, tag, digest } = body;
    const found = await store.list({ registry, repository, tag, digest, limit: 20 });
    const wanted = found
      .map(({ record }) => record)
      .filter(({ cvmfsRepository }) => destinations.includes(cvmfsRepository));
    const known = await publications.present(wanted);
    const answer = await changes.transaction((manager) => {
      const work = async (): Promise<KeptAnswer> => {
        const command = await this.sayPublish(manager, caller, body, destinations);
        const said: PublishAnswer = {
          command,
          cvmfsRepositories: [...destinations],
          publications: [...known],
        };
        return { status: 202, headers: {}, body: said };
      };
      const request = { subject: caller.subject, key: key ?? '', route: 'POST /api/v1/publications', body };
      return key === undefined ? work() : once(manager, request, work);
    });
    return answer.body;
  }

  /** @throws permanent `publication.not_found`, `access.forbidden` */
  async unpublish(caller: Identity, id: string, { tag, now }: UnpublishQuery): Promise<UnpublishAnswer> {
    const record = await this.parts.publications.record(caller, id);
    await this.refuseUnlessOwner(caller, record);
    if (tag !== undefined && !record.tags.includes(tag)) {
      throw permanent('publication.not_found', `it has no tag "${tag}" now`, { level: 'info' });
    }
    const command = randomUUID();
    const { cvmfsRepository, registry, repository, digest, tags } = record;
    const named = tag === undefined && digest !== undefined ? { digest } : { tag: tag ?? tags[0] };
    const payload = { cvmfsRepository, registry, repository, ...named, now: now === 'true' };
    await this.parts.changes.transaction(async (manager) => {
      const traceparent = currentTraceparent();
      await addToOutbox(manager, { id: command, message: imageUnpublish, payload, traceparent });
      await this.parts.audit.record(manager, {
        author: authorOf(caller),
        action: 'unpublish_asked',
        kind: 'publication',
        name: id,
        detail: `${imageUnpublish.subjectOf({ ...payload })}${payload.now ? ', at once' : ''}`,
      });
    });
    const [publication] = await this.parts.publications.present([record]);
    if (!publication) throw permanent('publication.not_found', 'it is gone', { level: 'info' });
    return { command, publication };
  }

  private async destinations(body: PublishBody): Promise<readonly Destination[]> {
    const { cvmfsRepository } = body;
    const rules = (await this.parts.rules.matching(body)).filter((rule) =>
      [undefined, rule.cvmfsRepository].includes(cvmfsRepository),
    );
    if (rules.length > 0) return rules;
    if (cvmfsRepository !== undefined) return [{ cvmfsRepository, project: undefined }];
    const message = `no image rule says where ${imageSubject(body)} goes: add one, or name a CVMFS repository`;
    throw new FieldsRefused('image.no_rule', message, [{ path: ['cvmfsRepository'], message }]);
  }

  private async permitted(
    caller: Identity,
    body: PublishBody,
    destinations: readonly Destination[],
  ): Promise<readonly string[]> {
    const permitted = new Set<string>();
    for (const { cvmfsRepository, project } of destinations) {
      if (mayPublish(caller, await ownersOf(this.parts.resources, project))) permitted.add(cvmfsRepository);
    }
    if (permitted.size > 0) return [...permitted];
    const names = destinations.map(({ project }) => project ?? 'the house').join(', ');
    const message = `${imageSubject(body)} is published by rules of ${names}; only its owners and admins may`;
    throw permanent('access.forbidden', message, { level: 'info' });
  }

  private async sayPublish(
    manager: EntityManager,
    caller: Identity,
    body: PublishBody,
    destinations: readonly string[],
  ): Promise<string> {
    const ids = destinations.map(() => randomUUID());
    for (const [n, cvmfsRepository] of destinations.entries()) {
      const payload = { ...body, cvmfsRepository };
      const traceparent = currentTraceparent();
      await addToOutbox(manager, { id: ids[n], message: imagePublish, payload, traceparent });
    }
    await this.parts.audit.record(manager, {
      author: authorOf(caller),
      action: 'publish_asked',
      kind: 'publication',
      detail: `${imageSubject(body)} in ${destinations.join(', ')}`,
    });
    return ids[0] ?? '';
  }

  private async refuseUnlessOwner(caller: Identity, record: PublicationRecord): Promise<void> {
    const projects = (await this.parts.rules.projectsOf())(record);
    for (const project of projects.length > 0 ? projects : [undefined]) {
      if (mayChange(caller, 'image_rule', await ownersOf(this.parts.resources, project))) return;
    }
    const message = `only admins and owners of its project may take ${publicationSubject(record)} off CVMFS`;
    throw permanent('access.forbidden', message, { level: 'info' });
  }
}
