import {
  type Page,
  type PageQuery,
  type PastRepresentation,
  type Representation,
  type ResourceQuery,
  shownBeside,
} from '#api';
import type { Resource } from '#contracts';
import { permanent } from '#errors';
import { fingerprint } from '#secrets';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DataSource, EntityManager } from 'typeorm';
import type { Written } from '../changes/companion.js';
import { ResourceChanges } from '../changes/resource-changes.js';
import { mayRead, readScope, type Identity } from '#access';
import type { StoredResource } from '../domain/stored-resource.js';
import { type KeptAnswer, once } from '../storage/idempotency.store.js';
import { listResources } from '../storage/resource-list.js';
import { ResourceStore } from '../storage/resource.store.js';
import { DATA_SOURCE } from '../tokens.js';
import { nameOfCursor, numberOfCursor, pageFrom } from './cursor.js';
import { etagOf, expectedBy, isKnown } from './preconditions.js';
import { pastRepresentation, ResourcePresenter } from './resource-presenter.js';

/** What the routes of every kind do. */
@Injectable()
export class ResourceRoutes {
  constructor(
    @Inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(ResourceStore) private readonly store: ResourceStore,
    @Inject(ResourceChanges) private readonly changes: ResourceChanges,
    @Inject(ResourcePresenter) private readonly presenter: ResourcePresenter,
  ) {}

  async list(resource: Resource, caller: Identity, query: ResourceQuery): Promise<Page<Representation>> {
    const { limit, q, project, at } = query;
    const found = await listResources(this.dataSource, {
      kind: resource.kind,
      limit: limit + 1,
      after: nameOfCursor(query.cursor),
      q,
      project,
      at: at === undefined ? undefined : new Date(at),
      scope: readScope(caller, resource.kind),
    });
    const shown = await this.presenter.present(found.slice(0, limit));
    return pageFrom(
      found,
      limit,
      () => shown,
      ({ name }) => name,
    );
  }

  async create(
    resource: Resource,
    caller: Identity,
    written: Written,
    key: string | undefined,
    reply: FastifyReply,
  ): Promise<unknown> {
    const route = `POST /api/v1/${resource.plural}`;
    const answer = await this.changes.transaction((manager) => {
      const work = (): Promise<KeptAnswer> => this.creation(manager, resource, caller, written);
      if (key === undefined) return work();
      return once(manager, { subject: caller.subject, key, route, body: repeatable(written) }, work);
    });
    void reply.headers(answer.headers);
    return answer.body;
  }

  async read(
    resource: Resource,
    caller: Identity,
    name: string,
    at: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Representation | undefined> {
    const { kind } = resource;
    const found = await (at === undefined
      ? this.store.current(kind, name)
      : this.store.at(kind, name, new Date(at)));
    const stored = this.visible(resource, caller, name, found);
    const etag = etagOf(stored);
    void reply.header('etag', etag);
    // What is shown beside a specification, such as a secret's last use, changes without a new version.
    if (shownBeside[kind] === undefined && isKnown(request.headers, etag)) {
      void reply.status(304);
      return undefined;
    }
    return this.presenter.presentOne(stored);
  }

  async replace(
    resource: Resource,
    caller: Identity,
    name: string,
    written: Written,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Representation> {
    const expected = expectedBy(request.headers);
    const { change, shown } = await this.changes.transaction(async (manager) => {
      const outcome = await this.changes.make(manager, caller, { resource, name, written, expected });
      return { ...outcome, shown: await this.presenter.presentOne(outcome.stored, manager) };
    });
    void reply.status(change === 'create' ? 201 : 200).header('etag', etagOf(shown));
    return shown;
  }

  async remove(resource: Resource, caller: Identity, name: string, request: FastifyRequest): Promise<void> {
    const expected = expectedBy(request.headers);
    await this.changes.transaction((manager) =>
      this.changes.make(manager, caller, { resource, name, written: undefined, expected }),
    );
  }

  async history(
    resource: Resource,
    caller: Identity,
    name: string,
    { limit, cursor }: PageQuery,
  ): Promise<Page<PastRepresentation>> {
    const before = numberOfCursor(cursor);
    const found = await this.store.history(resource.kind, name, { limit: limit + 1, before });
    if (before === undefined || found.length > 0) this.visible(resource, caller, name, found[0]);
    return pageFrom(
      found,
      limit,
      (states) => states.map(pastRepresentation),
      ({ version }) => version,
    );
  }

  private async creation(
    manager: EntityManager,
    resource: Resource,
    caller: Identity,
    written: Written,
  ): Promise<KeptAnswer> {
    const name = this.changes.nameOf(resource, written);
    const wish = { resource, name, written, expected: 'nothing' as const };
    const { stored } = await this.changes.make(manager, caller, wish);
    const location = `/api/v1/${resource.plural}/${encodeURIComponent(name)}`;
    const body = await this.presenter.presentOne(stored, manager);
    return { status: 201, headers: { etag: etagOf(stored), location }, body };
  }

  /** What one may not see is not there. */
  private visible(
    { kind, title }: Resource,
    caller: Identity,
    name: string,
    found: StoredResource | undefined,
  ): StoredResource {
    if (found && mayRead(caller, kind, found.project)) return found;
    throw permanent('resource.not_found', `there is no ${title} "${name}"`, { level: 'info' });
  }
}

/** As a key's row may keep it for a day: its hash must not be a means to guess a weak secret. */
const repeatable = (written: Written): Written =>
  typeof written['secret'] === 'string' ? { ...written, secret: fingerprint(written['secret']) } : written;
