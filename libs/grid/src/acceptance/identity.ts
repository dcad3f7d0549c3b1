import type { BackendSettings, IdentityMappingSettings } from '#contracts';

/** Who asked. */
export interface Asker {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * The mapping that a person's jobs run under: one that names them before one that names their group, one for this
 * backend before one for all, the innermost group first. Undefined where nobody mapped them.
 */
export function mappingFor(
  asker: Asker,
  backend: Pick<BackendSettings, 'name'>,
  mappings: readonly IdentityMappingSettings[],
): IdentityMappingSettings | undefined {
  const usable = mappings.filter((each) => each.backend === undefined || each.backend === backend.name);
  const own = usable.filter(({ gitlabUser }) => gitlabUser === asker.name);
  const groups = new Set(asker.groups);
  const shared = usable.filter(({ gitlabGroup }) => gitlabGroup !== undefined && groups.has(gitlabGroup));
  return [...(own.length > 0 ? own : shared)].sort(byNearness)[0];
}

function byNearness(a: IdentityMappingSettings, b: IdentityMappingSettings): number {
  const named = ({ backend }: IdentityMappingSettings): number => (backend === undefined ? 1 : 0);
  const depth = ({ gitlabGroup = '' }: IdentityMappingSettings): number => gitlabGroup.split('/').length;
  return named(a) - named(b) || depth(b) - depth(a) || (a.name < b.name ? -1 : 1);
}
