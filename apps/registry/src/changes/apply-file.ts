import type { ApplyChange, ApplyResult } from '#api';
import { type Resource, resources } from '#contracts';
import type { EntityManager } from 'typeorm';
import { FieldsRefused } from '../domain/fields-refused.js';
import type { Identity } from '#access';
import { listResources } from '../storage/resource-list.js';
import type { Written } from './companion.js';
import type { Outcome, ResourceChanges } from './resource-changes.js';

/** slipway.yml as JSON, checked by `applyBody`, as it was written. */
export type SettingsFile = Readonly<Record<string, readonly Written[] | undefined>>;

/** What is done beyond making and changing what the file holds. */
export interface ApplyOptions {
  /** Tells what would change, and changes nothing. */
  readonly dryRun: boolean;
  /** Removes what the file does not hold, of the kinds that it has a list for. */
  readonly prune: boolean;
  /** The section of which nothing is removed. */
  readonly keep?: string | undefined;
}

/** One thing that the file holds, and where. */
interface Entry {
  readonly resource: Resource;
  readonly name: string;
  readonly written: Written;
  readonly place: readonly PropertyKey[];
}

/** Undoes a dry run, and carries out what it found. */
class DryRunEnded extends Error {
  constructor(readonly outcomes: readonly Outcome[]) {
    super('a dry run ended');
  }
}

const mostOfAKind = 100_000;

/**
 * Makes the registry hold what a settings file says, in one transaction: all of it, or nothing.
 *
 * @throws FieldsRefused with places in the file; permanent `access.forbidden`, `resource.in_use`
 */
export async function applyFile(
  changes: ResourceChanges,
  identity: Identity,
  file: SettingsFile,
  { dryRun, prune, keep }: ApplyOptions,
): Promise<ApplyResult> {
  const entries = entriesOf(changes, file);
  refuseDoubled(entries);
  const work = async (manager: EntityManager): Promise<readonly Outcome[]> => {
    const placeOf = new Map<Outcome, readonly PropertyKey[]>();
    for (const { resource, name, written, place } of entries) {
      const wish = { resource, name, written, expected: 'anything' as const };
      placeOf.set(await at(place, () => changes.write(manager, identity, wish)), place);
    }
    const pruned = { ...file, ...(keep !== undefined && { [keep]: undefined }) };
    const removed = prune ? await removeOthers(changes, manager, identity, pruned, entries) : [];
    const outcomes = [...placeOf.keys(), ...removed];
    await changes.refuseDangling(manager, identity, outcomes, (outcome) => placeOf.get(outcome) ?? []);
    if (dryRun) throw new DryRunEnded(outcomes);
    return outcomes;
  };
  const outcomes = await changes.transaction(work).catch((thrown: unknown) => {
    if (thrown instanceof DryRunEnded) return thrown.outcomes;
    throw thrown;
  });
  return { dryRun, changes: outcomes.map(changeOf) };
}

/** Those that others name first, so that whoever hears of the changes in their order knows what is named. */
const entriesOf = (changes: ResourceChanges, file: SettingsFile): readonly Entry[] =>
  resources.flatMap((resource) =>
    (file[resource.section] ?? []).map((written, index) => ({
      resource,
      name: changes.nameOf(resource, written),
      written,
      place: [resource.section, index],
    })),
  );

function refuseDoubled(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  const issues = entries.flatMap(({ resource, name, place }) => {
    const key = `${resource.kind}/${name}`;
    if (seen.size < seen.add(key).size) return [];
    return [{ path: place, message: `is the second ${resource.title} with the name "${name}"` }];
  });
  if (issues.length === 0) return;
  const told = issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`).join('; ');
  throw new FieldsRefused('request.invalid', told, issues);
}

/** In the opposite order: what names others goes before them. */
async function removeOthers(
  changes: ResourceChanges,
  manager: EntityManager,
  identity: Identity,
  file: SettingsFile,
  entries: readonly Entry[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const resource of resources.toReversed()) {
    if (file[resource.section] === undefined) continue;
    const kept = new Set(entries.filter((entry) => entry.resource === resource).map(({ name }) => name));
    for (const { name } of await listResources(manager, { kind: resource.kind, limit: mostOfAKind })) {
      if (kept.has(name)) continue;
      outcomes.push(
        await changes.write(manager, identity, { resource, name, written: undefined, expected: 'something' }),
      );
    }
  }
  return outcomes;
}

/** What is refused in one entry is told with its place in the file. */
async function at<T>(place: readonly PropertyKey[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof FieldsRefused)) throw thrown;
    const issues = thrown.issues.map(({ path, message }) => ({ path: [...place, ...path], message }));
    throw new FieldsRefused(thrown.code, `${place.map(String).join('.')}: ${thrown.message}`, issues);
  }
}

const changeOf = ({ change, resource, stored, fields }: Outcome): ApplyChange => ({
  kind: resource.kind,
  name: stored.name,
  change,
  fields: fields.map(({ path, ...rest }) => ({ path: [...path], ...rest })),
});
