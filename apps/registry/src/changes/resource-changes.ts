import { writtenBeside } from '#api';
import type { Resource } from '#contracts';
import { type OutboxRelay } from '#database';
import { permanent } from '#errors';
import type { DataSource, EntityManager } from 'typeorm';
import { type Difference, differences } from '../domain/differences.js';
import type { Identity } from '#access';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { Author, Expected, StoredResource } from '../domain/stored-resource.js';
import type { AuditStore, Deed } from '../storage/audit.store.js';
import { refuseUnexpected, type ResourceStore } from '../storage/resource.store.js';
import { announce } from './announce.js';
import type { Companions, Written } from './companion.js';
import { refuseUnknownReferences, refuseUnlessMayChange } from './permission.js';

/** A change that somebody wants. */
export interface Wish {
  readonly resource: Resource;
  readonly name: string;
  /** The body, checked by `bodyOf(resource)`, as it was written; undefined removes the resource. */
  readonly written: Written | undefined;
  readonly expected: Expected;
  /** For the audit trail, where it is not plain from the change. */
  readonly why?: string;
}

/** What came of it. */
export interface Outcome {
  readonly change: 'create' | 'update' | 'remove' | 'none';
  readonly resource: Resource;
  /** As it is now; of what is removed, its last version, which says so. */
  readonly stored: StoredResource;
  readonly fields: readonly Difference[];
}

/** The store, the audit trail and the outbox have to be of the same database, for one transaction. */
export interface ResourceChangesParts {
  readonly dataSource: DataSource;
  readonly store: ResourceStore;
  readonly audit: AuditStore;
  readonly companions: Companions;
  readonly outbox: Pick<OutboxRelay, 'wake'>;
}

/** Who did it, as the history and the audit trail name them. */
export const authorOf = (identity: Identity): Author => ({ by: identity.name, via: identity.via });

/** Every change of every resource goes through here: who may, what it names, its event, its line in the audit trail. */
export class ResourceChanges {
  constructor(private readonly parts: ResourceChangesParts) {}

  /** Commits what the work did, or nothing; what was committed is said at once. */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const result = await this.parts.dataSource.transaction(work);
    this.parts.outbox.wake();
    return result;
  }

  /** The name that a body, checked by `bodyOf(resource)`, gives. */
  nameOf(resource: Resource, written: Written): string {
    return resource.nameOf(resource.schema.parse(divided(resource, written).spec));
  }

  /**
   * One change with all its checks, within the caller's transaction.
   *
   * @throws permanent `resource.*`, `access.forbidden`; FieldsRefused
   */
  async make(manager: EntityManager, identity: Identity, wish: Wish): Promise<Outcome> {
    const outcome = await this.write(manager, identity, wish);
    await this.refuseDangling(manager, identity, [outcome]);
    return outcome;
  }

  /** The change without a look at what names what: for several that name each other, `refuseDangling` follows. */
  async write(manager: EntityManager, identity: Identity, wish: Wish): Promise<Outcome> {
    const { store, companions } = this.parts;
    const { resource, name, expected } = wish;
    const { spec, beside } = divided(resource, wish.written);
    await store.lock(manager);
    const current = await store.current(resource.kind, name, manager);
    const parsed = spec && resource.schema.parse(spec);
    if (spec) refuseOtherName(resource, name, spec, resource.nameOf(parsed));
    const project = spec ? resource.projectOf(parsed) : undefined;
    if (current || spec)
      await refuseUnlessMayChange(store, manager, identity, {
        resource,
        before: current,
        after: spec,
        project,
      });
    refuseUnexpected({ kind: resource.kind, name, expected, spec }, current);
    const companion = companions.of(resource.kind);
    const besides = spec && companion ? await companion.changes(manager, current, beside) : [];
    const fields = [
      ...differences(current?.spec, spec),
      ...besides.map((field): Difference => ({ path: [field], ...(current && { before: '…' }), after: '…' })),
    ];
    if (current && fields.length === 0) return { change: 'none', resource, stored: current, fields };
    const author = authorOf(identity);
    const refersTo = spec ? resource.references(parsed).map((to) => `${to.kind}/${to.name}`) : [];
    const { kind } = resource;
    const stored = await store.write(manager, { kind, name, spec, project, refersTo, expected, author });
    if (companion && spec) await companion.keep(manager, stored, beside, author);
    else await companion?.drop(manager, stored);
    const change = spec === undefined ? 'remove' : current ? 'update' : 'create';
    await this.tell(manager, stored, author, { action: deeds[change], fields, detail: wish.why });
    return { change, resource, stored, fields };
  }

  /**
   * A new version of what is the same but for what is kept beside it, e.g. a rotated secret.
   *
   * @throws permanent `resource.not_found`, `access.forbidden`
   */
  async touch(
    manager: EntityManager,
    identity: Identity,
    wish: Pick<Wish, 'resource' | 'name'> & { readonly action: string; readonly expected?: Expected },
    work: (stored: StoredResource) => Promise<void>,
  ): Promise<StoredResource> {
    const { store } = this.parts;
    const { resource, name, action, expected = 'something' } = wish;
    await store.lock(manager);
    const current = await store.current(resource.kind, name, manager);
    if (!current)
      throw permanent('resource.not_found', `there is no ${resource.kind}/${name}`, { level: 'info' });
    const spec = current.spec as Written;
    const { project } = current;
    await refuseUnlessMayChange(store, manager, identity, {
      resource,
      before: current,
      after: spec,
      project,
    });
    const author = authorOf(identity);
    const refersTo = resource.references(resource.schema.parse(spec)).map((to) => `${to.kind}/${to.name}`);
    const { kind } = resource;
    const stored = await store.write(manager, { kind, name, spec, project, refersTo, expected, author });
    await work(stored);
    await this.tell(manager, stored, author, { action, fields: [] });
    return stored;
  }

  /** @throws FieldsRefused `resource.unknown_reference`; permanent `resource.in_use`, `access.forbidden` */
  async refuseDangling(
    manager: EntityManager,
    identity: Identity,
    outcomes: readonly Outcome[],
    placeOf: (outcome: Outcome) => readonly PropertyKey[] = () => [],
  ): Promise<void> {
    const { store } = this.parts;
    for (const outcome of outcomes) {
      const { resource, stored, change } = outcome;
      if (change === 'remove') await this.refuseInUse(manager, stored);
      if (change !== 'create' && change !== 'update') continue;
      const references = resource.references(resource.schema.parse(stored.spec));
      const from = { references, project: stored.project, at: placeOf(outcome) };
      await refuseUnknownReferences(store, manager, identity, from);
    }
  }

  private async refuseInUse(manager: EntityManager, { kind, name }: StoredResource): Promise<void> {
    const naming = await this.parts.store.namedBy(manager, kind, name);
    if (naming.length === 0) return;
    const names = naming.slice(0, 5).map((one) => `${one.kind}/${one.name}`);
    const more = naming.length > names.length ? ' and others' : '';
    const message = `${kind}/${name} cannot be removed: ${names.join(', ')}${more} name it`;
    throw permanent('resource.in_use', message, { level: 'info' });
  }

  private async tell(
    manager: EntityManager,
    stored: StoredResource,
    author: Author,
    deed: Pick<Deed, 'action' | 'detail'> & { readonly fields: readonly Difference[] },
  ): Promise<void> {
    const { companions, audit } = this.parts;
    const beside = await companions.of(stored.kind)?.announced(manager, stored);
    await announce(manager, stored, beside);
    const { kind, name, project, version } = stored;
    const { action, fields, detail } = deed;
    const paths = fields.map(({ path }) => path.join('.')).filter((path) => path !== '');
    await audit.record(manager, { author, action, kind, name, project, version, fields: paths, detail });
  }
}

const deeds = { create: 'created', update: 'changed', remove: 'removed' } as const;

/** The specification, and what was written beside it. */
function divided(
  { kind }: Resource,
  written: Written | undefined,
): { readonly spec: Written | undefined; readonly beside: Written } {
  if (!written) return { spec: undefined, beside: {} };
  const names = Object.keys(writtenBeside[kind] ?? {});
  const fields = Object.entries(written);
  return {
    spec: Object.fromEntries(fields.filter(([field]) => !names.includes(field))),
    beside: Object.fromEntries(fields.filter(([field]) => names.includes(field))),
  };
}

function refuseOtherName({ title }: Resource, name: string, spec: Written, written: string): void {
  if (written === name) return;
  const field = Object.keys(spec).find((key) => spec[key] === written) ?? 'name';
  const message = `is not the name in the address, "${name}": a ${title} keeps its name`;
  throw new FieldsRefused('request.invalid', `${field} ${message}`, [{ path: [field], message }]);
}
