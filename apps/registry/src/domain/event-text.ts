import { bytesText } from './amounts.js';
import type { PublicationSaid } from './publication-record.js';
import { stepText } from './why-not-yet.js';

type Told = {
  readonly [Name in PublicationSaid['name']]: (said: PublicationSaid & { readonly name: Name }) => string;
};

const texts: Told = {
  'image.queued': ({ data }) =>
    data.because === 'interrupted'
      ? 'its publisher stopped in the middle of it; waits for its turn again'
      : 'accepted; waits for its turn',
  'image.publishing': ({ data, at }) => stepText({ ...data, startedAt: at, at }),
  'image.published': ({ data: { files, bytes, seconds } }) =>
    `published: ${files.toLocaleString('en')} files, ${bytesText(bytes)}, in ${seconds.total.toFixed(1)} s`,
  'image.publish_failed': ({ data: { step, reason, code, retryAt, willRetry } }) => {
    const again = retryAt === undefined ? 'tried again soon' : `tried again at ${retryAt}`;
    return `failed in step "${step}": ${reason} (${code}); ${willRetry ? again : 'given up'}`;
  },
  'image.untagged': ({ data }) => `links removed: ${data.removed.join(', ')}`,
  'image.unpublishing': ({ data }) => `no tag names it any more; its tree goes at ${data.removedAfter}`,
  'image.unpublished': () => 'its tree is gone',
};

/** An event in a publication's history, for people. */
export function eventText<Name extends PublicationSaid['name']>(
  said: PublicationSaid & { readonly name: Name },
): string {
  return texts[said.name](said);
}
