import type { Message } from './define-message.js';
import { messages } from './messages.js';
import { credentialUsed } from './messages/credential-used.v1.js';
import { imageDeleted } from './messages/image-deleted.v1.js';
import { imagePublishFailed } from './messages/image-publish-failed.v1.js';
import { imagePublish } from './messages/image-publish.v1.js';
import { imagePublished } from './messages/image-published.v1.js';
import { imagePublishing } from './messages/image-publishing.v1.js';
import { imagePushed } from './messages/image-pushed.v1.js';
import { jobSubmit } from './messages/job-submit.v1.js';
import { jobCancel } from './messages/job-cancel.v1.js';
import { jobRetry } from './messages/job-retry.v1.js';
import { groupQueued } from './messages/group-queued.v1.js';
import { groupRefused } from './messages/group-refused.v1.js';
import { jobSubmitted } from './messages/job-submitted.v1.js';
import { jobRefused } from './messages/job-refused.v1.js';
import { jobWithdrawn } from './messages/job-withdrawn.v1.js';
import { jobCancelling } from './messages/job-cancelling.v1.js';
import { jobSucceeded } from './messages/job-succeeded.v1.js';
import { jobFailed } from './messages/job-failed.v1.js';
import { jobCancelled } from './messages/job-cancelled.v1.js';
import { jobWaiting } from './messages/job-waiting.v1.js';
import { jobRunning } from './messages/job-running.v1.js';
import { jobRetried } from './messages/job-retried.v1.js';
import { jobLog } from './messages/job-log.v1.js';
import { groupProgressed } from './messages/group-progressed.v1.js';
import { groupFinished } from './messages/group-finished.v1.js';
import { jobLost } from './messages/job-lost.v1.js';
import { commitSetStatus } from './messages/commit-set-status.v1.js';
import { registryCatchUp } from './messages/registry-catch-up.v1.js';
import { imageQueued } from './messages/image-queued.v1.js';
import { imageUnpublish } from './messages/image-unpublish.v1.js';
import { imageUnpublished } from './messages/image-unpublished.v1.js';
import { imageUnpublishing } from './messages/image-unpublishing.v1.js';
import { imageUntagged } from './messages/image-untagged.v1.js';

/** A consumer group's queue: who reads it and what it hears. Its copies share it. */
export interface Queue {
  /** `<service>.<what it does>`. */
  readonly name: string;
  readonly service: string;
  readonly hears: readonly Message[];
  /**
   * Where its reader is away for so long that the queue is full: those who speak to it are refused until there is room,
   * or its oldest messages go. The latter for readers that nobody's work may wait for. Absent: refuse.
   */
  readonly whenFull?: 'refuse' | 'forget-oldest';
}

const queue = (
  service: string,
  does: string,
  hears: readonly Message[],
  whenFull: 'refuse' | 'forget-oldest' = 'refuse',
): Queue => ({ name: `${service}.${does}`, service, hears, whenFull });

/** Every queue of the house. A new one is a line here and a handler in its service. */
export const queues = {
  publisherImages: queue('cvmfs-publisher', 'images', [
    imagePushed,
    imageDeleted,
    imagePublish,
    imageUnpublish,
  ]),
  /** In one queue, so that a cancellation does not overtake the submission that it means. */
  submitterJobs: queue('grid-submitter', 'jobs', [jobSubmit, jobCancel, jobRetry]),
  /** Each frees a place in a batch system for another. */
  submitterOutcomes: queue('grid-submitter', 'outcomes', [jobSucceeded, jobFailed, jobCancelled, jobLost]),
  monitorAttempts: queue('status-monitor', 'attempts', [
    groupQueued,
    groupRefused,
    jobSubmitted,
    jobRefused,
    jobWithdrawn,
    jobCancelling,
  ]),
  /** How the grid jobs go that CI jobs became: in one queue, so that an end does not overtake what was before it. */
  bridgeJobs: queue('gitlab-bridge', 'jobs', [
    groupQueued,
    groupRefused,
    jobSubmitted,
    jobRefused,
    jobWithdrawn,
    jobWaiting,
    jobRunning,
    jobSucceeded,
    jobFailed,
    jobCancelled,
    jobLost,
    jobRetried,
    jobLog,
    groupProgressed,
    groupFinished,
  ]),
  /** Which images CI jobs can be run from. */
  bridgeImages: queue('gitlab-bridge', 'images', [
    imagePublished,
    imageUntagged,
    imageUnpublishing,
    imageUnpublished,
  ]),
  /** What commits in GitLab are to show: how the grid jobs go that work on them. */
  bridgeStatuses: queue('gitlab-bridge', 'statuses', [
    groupQueued,
    groupRefused,
    groupProgressed,
    groupFinished,
    commitSetStatus,
  ]),
  /** How the images go that were built from commits. A house may publish images and run no bridge: none waits for it. */
  bridgeImageStatuses: queue(
    'gitlab-bridge',
    'image-statuses',
    [imagePublishing, imagePublished, imagePublishFailed, imageUnpublished],
    'forget-oldest',
  ),
  registryUses: queue('registry', 'uses', [credentialUsed], 'forget-oldest'),
  registryCatchUps: queue('registry', 'catch-ups', [registryCatchUp]),
  registryPublications: queue(
    'registry',
    'publications',
    [
      imagePushed,
      imageDeleted,
      imageQueued,
      imagePublishing,
      imagePublished,
      imagePublishFailed,
      imageUntagged,
      imageUnpublishing,
      imageUnpublished,
    ],
    'forget-oldest',
  ),
  /**
   * Every event: subscriptions are the registry's to know. But for what sending one may cause, by way of a webhook source:
   * it would never end.
   */
  registrySubscriptions: queue(
    'registry',
    'subscriptions',
    messages.filter((message) => message.kind === 'event' && message !== credentialUsed),
    'forget-oldest',
  ),
} as const satisfies Record<string, Queue>;
