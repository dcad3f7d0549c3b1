import { type ImageRule, imageRuleResource } from '#contracts';
import { compileImageRules, type NamedImage } from '#settings';
import type { DataSource } from 'typeorm';
import { listResources } from '../storage/resource-list.js';

/** More than anybody writes; beyond it the first by name count here. */
const mostRules = 10_000;

/** The image rules as they are now. */
export class KnownRules {
  constructor(private readonly dataSource: DataSource) {}

  async matching(image: NamedImage): Promise<readonly ImageRule[]> {
    return compileImageRules(await this.all())(image);
  }

  /** A function that tells the projects whose rules publish an image; `undefined` stands for the house's own. */
  async projectsOf(): Promise<
    (image: {
      /** Undefined: wherever it may go. */
      readonly cvmfsRepository: string | undefined;
      readonly registry: string;
      readonly repository: string;
      readonly tags: readonly string[];
    }) => readonly (string | undefined)[]
  > {
    const rules = await this.all();
    const matching = compileImageRules(rules);
    // An image that lost its tags is still whose it was: the repository tells.
    const matchingUntagged = compileImageRules(rules.map((rule) => ({ ...rule, untagged: true })));
    return ({ cvmfsRepository, registry, repository, tags }) => {
      const matched =
        tags.length > 0
          ? tags.flatMap((tag) => matching({ registry, repository, tag }))
          : matchingUntagged({ registry, repository });
      const here = matched.filter(
        (rule) => cvmfsRepository === undefined || rule.cvmfsRepository === cvmfsRepository,
      );
      return [...new Set(here.map(({ project }) => project))];
    };
  }

  private async all(): Promise<readonly ImageRule[]> {
    const stored = await listResources(this.dataSource, { kind: 'image_rule', limit: mostRules });
    return stored.map(({ spec }) => imageRuleResource.schema.parse(spec));
  }
}
