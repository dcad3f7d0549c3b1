import type { ImageRule } from '#contracts';
import { imageRuleResource } from '#contracts';
import type { Action } from '../../command-definition.js';
import { registryOf, type RegistryClient } from '../../clients/registry.client.js';
import { counted, relative } from '../../output/words.js';
import type { ResourceState } from '../resources/resource.js';
import { type ImageName, imageName, imageText } from './image-name.js';
import { publicationName, publicationsOf, type Publication } from './publication.js';

/** `slipway publications why IMAGE`: a sentence per CVMFS repository, or why nothing is known of it. */
export const why: Action = async (context, input) => {
  const registry = registryOf(context);
  const image = input.argument('image');
  const found = await publicationsOf(registry, image, input.text('cvmfsRepository'));
  const whole = await Promise.all(
    found.map(({ id }) => registry.get<Publication>(`/publications/${encodeURIComponent(id)}`)),
  );
  if (whole.length > 0) {
    await context.out.result(
      { items: whole.map((each) => ({ ...each, why: sentenceFor(each, context.now()) })) },
      () => whole.map((each) => sentenceFor(each, context.now())).join('\n'),
    );
    return;
  }
  const reason = await whyUnknown(registry, imageName(image));
  await context.out.result({ items: [], why: reason }, () => reason);
};

/** The registry's own words where it has some; else what its state says. */
export function sentenceFor(publication: Publication, now: Date): string {
  const name = `${publicationName(publication)} in ${publication.cvmfsRepository}`;
  const { state, step, failure, path, updatedAt } = publication;
  if (state === 'published')
    return `${name} is there: ${path ?? 'published'}, since ${relative(updatedAt, now)}.`;
  if (publication.why) return `${name}: ${publication.why}`;
  if (state === 'failed')
    return `${name} has failed for good: ${failure?.reason ?? 'no reason was told'} (${failure?.code ?? '-'}).`;
  if (failure !== undefined)
    return `${name} failed and is tried again ${relative(failure.retryAt, now)}: ${failure.reason} (${failure.code}).`;
  if (state === 'publishing')
    return `${name} is on its way: ${step ?? 'it began'}, ${relative(updatedAt, now)}.`;
  if (state === 'waiting') return `${name} waits for its turn since ${relative(updatedAt, now)}.`;
  return `${name} is ${state} since ${relative(updatedAt, now)}.`;
}

/** Nobody published it: whether a rule would, and which is near. */
async function whyUnknown(registry: RegistryClient, name: ImageName): Promise<string> {
  if ('id' in name) return `There is no publication ${name.id}.`;
  const [{ compileImageRules, globMatcher }, states] = await Promise.all([
    import('#settings'),
    registry.all<ResourceState>('/image-rules'),
  ]);
  const rules: readonly ImageRule[] = states.map(({ spec }) => imageRuleResource.schema.parse(spec));
  const text = imageText(name);
  if (rules.length === 0) return `${text} is not published: there is no image rule at all.`;
  const matching = compileImageRules(rules)(name);
  if (matching.length > 0) {
    const [rule] = matching;
    return `${text} matches ${counted(matching.length, 'rule')} (${matching.map((each) => each.name).join(', ')}), but its registry has not announced it: push it again, check that ${name.registry} sends webhooks, or run "slipway publications publish ${text}" for ${rule?.cvmfsRepository ?? 'it'}.`;
  }
  const near = rules.find(
    (rule) => globMatcher(rule.registry)(name.registry) && globMatcher(rule.repository)(name.repository),
  );
  if (near !== undefined)
    return `${text} is not published: rule ${near.name} takes the repository, but only ${name.tag === undefined ? 'images with a tag' : `tags like ${near.tags.join(', ')}`}.`;
  const ofRegistry = rules.filter((rule) => globMatcher(rule.registry)(name.registry));
  if (ofRegistry.length > 0)
    return `${text} is not published: of ${name.registry}, rules take only ${ofRegistry.map(({ repository }) => repository).join(', ')}.`;
  return `${text} is not published: no image rule is for ${name.registry}; there are rules for ${[...new Set(rules.map(({ registry: host }) => host))].join(', ')}.`;
}
