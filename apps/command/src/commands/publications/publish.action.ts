import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { usage } from '../../errors/usage.js';
import { imageName, imageText } from './image-name.js';
import { onePublication, publicationName } from './publication.js';
import { watchImages } from './watch.action.js';

/** `slipway publications publish IMAGE`. */
export const publish: Action = async (context, input) => {
  const { out } = context;
  const name = imageName(input.argument('image'));
  if ('id' in name) throw usage('expected an image, not an id: host/repository:tag');
  const cvmfsRepository = input.text('cvmfsRepository');
  const platform = input.text('platform');
  const { tag, digest, ...where } = name;
  const body = {
    ...where,
    ...(digest === undefined ? { tag } : { digest, ...(tag === undefined ? {} : { tag }) }),
    ...(cvmfsRepository === undefined ? {} : { cvmfsRepository }),
    ...(platform === undefined ? {} : { platform }),
  };
  const ask = async (): Promise<unknown> =>
    (await registryOf(context).request('POST', '/publications', { body })).body;
  if (input.flag('watch')) {
    await watchImages(context, { images: [imageText(name)], cvmfsRepository, begin: ask });
    return;
  }
  const answer = await ask();
  await out.result(answer ?? { asked: imageText(name) }, () => `asked to publish ${imageText(name)}`);
};

/** `slipway publications unpublish IMAGE`. */
export const unpublish: Action = async (context, input) => {
  const registry = registryOf(context);
  const publication = await onePublication(registry, input.argument('image'), input.text('cvmfsRepository'));
  const name = publicationName(publication);
  await confirm(context, input, `Take ${name} off ${publication.cvmfsRepository}?`);
  const { body } = await registry.request('DELETE', `/publications/${encodeURIComponent(publication.id)}`);
  await context.out.result(
    body ?? { asked: name },
    () => `asked to take ${name} off ${publication.cvmfsRepository}`,
  );
};
