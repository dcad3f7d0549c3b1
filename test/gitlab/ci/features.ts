import { type JobDefinition } from './definition.js';

/** The features without which GitLab gives the job to no runner. */
export function featuresOf(definition: JobDefinition): readonly string[] {
  const needed: Readonly<Record<string, boolean>> = {
    upload_multiple_artifacts: (definition.artifacts ?? []).some(
      ({ artifact_type: type }) => type !== 'archive',
    ),
    artifacts_exclude: (definition.artifacts ?? []).some(({ exclude }) => exclude && exclude.length > 0),
    multi_build_steps: definition.hasRelease,
    return_exit_code: typeof definition.allowFailure !== 'boolean',
    fallback_cache_keys: definition.cache.some(({ fallback_keys: keys }) => keys.length > 0),
  };
  return Object.entries(needed).flatMap(([feature, isNeeded]) => (isNeeded ? [feature] : []));
}
