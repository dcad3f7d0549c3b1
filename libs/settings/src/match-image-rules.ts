import type { ImageRule } from '#contracts';
import { globMatcher } from './glob.js';

/** An image by the name under which it was pushed. */
export interface NamedImage {
  readonly registry: string;
  readonly repository: string;
  /** Absent where the image was pushed by its digest alone. */
  readonly tag?: string | undefined;
}

/** A function that tells which rules an image matches, in the order of the file. */
export function compileImageRules(rules: readonly ImageRule[]): (image: NamedImage) => readonly ImageRule[] {
  const compiled = rules.map((rule) => ({
    rule,
    registry: globMatcher(rule.registry),
    repository: globMatcher(rule.repository),
    tag: globMatcher(rule.tags),
  }));
  return (image) =>
    compiled
      .filter(
        ({ rule, registry, repository, tag }) =>
          registry(image.registry) &&
          repository(image.repository) &&
          (image.tag === undefined ? rule.untagged : tag(image.tag)),
      )
      .map(({ rule }) => rule);
}
