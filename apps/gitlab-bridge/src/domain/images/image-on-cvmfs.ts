import type { ImageRule } from '#contracts';
import { type ImageName, formatReference, parseReference } from '#oci';
import { compileImageRules } from '#settings';

/** A tree on CVMFS that an image was published as. */
export interface PublishedTree {
  readonly cvmfsRepository: string;
  readonly digest: string;
  /** Its directory, e.g. /cvmfs/images.example.org/…; stays the same when a tag moves on. */
  readonly path: string;
  /** Tags that name it there now. */
  readonly tags: readonly string[];
}

/** As what a job's image goes to the grid, and what the user is told of that. */
export interface ImageChoice {
  /** Where the image is on CVMFS; absent: it is taken as the job has it. */
  readonly path?: string | undefined;
  /** For the head of the trace. */
  readonly notice: string;
}

/** What to look up, as publications are named; undefined where the text names no image of a registry. */
export function imageNameOf(reference: string): ImageName | undefined {
  if (reference.startsWith('/')) return undefined;
  try {
    const name = parseReference(reference.replace(/^docker:\/\//, ''));
    return name.tag === undefined && name.digest === undefined ? { ...name, tag: 'latest' } : name;
  } catch {
    // A path, an engine's own notation: whoever runs it knows what it is.
    return undefined;
  }
}

/**
 * Where a project's job finds its image on CVMFS: where the project's image rules, or those of the house, publish it. What
 * another project publishes for itself is not taken, though it could be read: its registry may not show it to this one.
 */
export function imageOnCvmfs(
  reference: string,
  trees: readonly PublishedTree[],
  rules: readonly ImageRule[],
  project: string,
): ImageChoice | undefined {
  const name = imageNameOf(reference);
  if (!name) return undefined;
  const own = rules.filter((rule) => rule.project === undefined || rule.project === project);
  const wanting = wantingOf(name, own, trees);
  for (const { cvmfsRepository } of wanting) {
    const tree = trees.find((one) => one.cvmfsRepository === cvmfsRepository);
    if (tree) return { path: tree.path, notice: `Image ${reference} runs from ${tree.path}` };
  }
  const [rule] = wanting;
  const shown = formatReference(name);
  if (!rule) return { notice: `Image ${shown} is taken from its registry: no image rule puts it on CVMFS` };
  return {
    notice: `Image ${shown} is taken from its registry: it is not on ${rule.cvmfsRepository} now, where the image rule ${rule.name} puts it`,
  };
}

/** Named by its digest, an image is wanted where one of its tags is, or its repository without any. */
function wantingOf(
  { registry, repository, tag, digest }: ImageName,
  rules: readonly ImageRule[],
  trees: readonly PublishedTree[],
): readonly ImageRule[] {
  if (digest === undefined) return compileImageRules(rules)({ registry, repository, tag });
  const byTag = compileImageRules(rules);
  const tags = new Set([...(tag === undefined ? [] : [tag]), ...trees.flatMap((tree) => tree.tags)]);
  const tagged = [...tags].flatMap((one) => byTag({ registry, repository, tag: one }));
  const untagged = compileImageRules(rules.map((rule) => ({ ...rule, untagged: true })));
  return [...new Set([...tagged, ...(tags.size === 0 ? untagged({ registry, repository }) : [])])];
}
