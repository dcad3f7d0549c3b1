import { bytesText } from './amounts.js';
import type { PublicationSaid } from './publication-record.js';
import { stepText } from './why-not-yet.js';

/** An event in a publication's history, for people. */
export function eventText(said: PublicationSaid): string {
  switch (said.name) {
    case 'image.queued':
      return said.data.because === 'interrupted'
        ? 'its publisher stopped in the middle of it; waits for its turn again'
        : 'accepted; waits for its turn';
    case 'image.publishing':
      return stepText({ ...said.data, startedAt: said.at, at: said.at });
    case 'image.published': {
      const { files, bytes, seconds } = said.data;
      return `published: ${files.toLocaleString('en')} files, ${bytesText(bytes)}, in ${seconds.total.toFixed(1)} s`;
    }
    case 'image.publish_failed': {
      const { step, reason, code, retryAt, willRetry } = said.data;
      const next = willRetry
        ? retryAt === undefined
          ? '; tried again soon'
          : `; tried again at ${retryAt}`
        : '; given up';
      return `failed in step "${step}": ${reason} (${code})${next}`;
    }
    case 'image.untagged':
      return `links removed: ${said.data.removed.join(', ')}`;
    case 'image.unpublishing':
      return `no tag names it any more; its tree goes at ${said.data.removedAfter}`;
    case 'image.unpublished':
      return 'its tree is gone';
  }
}
