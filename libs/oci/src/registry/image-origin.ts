import { imageOrigin, type ImageOrigin } from '#contracts';

/**
 * Where an image says that it was built: of the first of these labels or annotations that say it whole. What one of them
 * says of the repository and another of the commit does not belong together: labels are inherited from base images.
 */
export function originIn(...said: readonly unknown[]): ImageOrigin | undefined {
  for (const labels of said) {
    const { data } = imageOrigin.safeParse(named(labels));
    if (data) return data;
  }
  return undefined;
}

function named(labels: unknown): unknown {
  if (typeof labels !== 'object' || labels === null) return undefined;
  const {
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.revision': revision,
  }: Readonly<Record<string, unknown>> = { ...labels };
  return { source, revision: typeof revision === 'string' ? revision.toLowerCase() : undefined };
}
