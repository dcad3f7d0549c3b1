import type { PublishAnswer, UnpublishAnswer } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { usage } from '../../errors/usage.js';
import { imageName, imageText } from './image-name.js';
import { imageQuery, onePublication, publicationName } from './publication.js';
import { watchImages } from './watch.action.js';

/** `slipway publications publish IMAGE`. */
export const publish: Action = async (context, input) => {
  const { out } = context;
  const name = imageName(input.argument('image'));
  if ('id' in name) throw usage('expected an image, not an id: host/repository:tag');
  const cvmfsRepository = input.text('cvmfsRepository');
  const platform = input.text('platform');
  const body = { ...imageQuery(name), cvmfsRepository, platform };
  const ask = async (): Promise<PublishAnswer> => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    return (await registryOf(context).request<PublishAnswer>('POST', '/publications', { body, headers }))
      .body;
  };
  if (input.flag('watch')) {
    await watchImages(context, { images: [imageText(name)], cvmfsRepository, begin: ask });
    return;
  }
  const answer = await ask();
  await out.result(
    answer,
    () => `asked to publish ${imageText(name)} in ${answer.cvmfsRepositories.join(', ')}`,
  );
};

/** `slipway publications unpublish IMAGE`. */
export const unpublish: Action = async (context, input) => {
  const registry = registryOf(context);
  const publication = await onePublication(registry, input.argument('image'), input.text('cvmfsRepository'));
  const name = publicationName(publication);
  await confirm(context, input, `Take ${name} off ${publication.cvmfsRepository}?`);
  const typed = imageName(input.argument('image'));
  // One tag is taken away; the tree stays while another tag names it.
  const tag = 'id' in typed || typed.digest !== undefined || input.flag('allTags') ? undefined : typed.tag;
  const { body } = await registry.request<UnpublishAnswer>('DELETE', `/publications/${publication.id}`, {
    query: { tag, now: input.flag('now') || undefined },
  });
  await context.out.result(body, () => `asked to take ${name} off ${publication.cvmfsRepository}`);
};
