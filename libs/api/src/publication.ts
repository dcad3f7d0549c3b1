import {
  cvmfsRepositoryName,
  digest,
  platform,
  publicationStep,
  registryHost,
  repositoryName,
  resourceName,
  stepSeconds,
  tagName,
} from '#contracts';
import { z } from 'zod';
import { pageQuery, time } from './page.js';

/** How far a publication is. */
export const publicationStates = [
  'waiting',
  'publishing',
  'retrying',
  'published',
  'failed',
  'unpublishing',
  'unpublished',
] as const;

const count = z.int().nonnegative();

/** One step of an attempt, and how far it is. */
const publicationProgress = z
  .object({
    step: publicationStep,
    startedAt: z.iso.datetime(),
    at: z.iso.datetime().describe('when this was said'),
    bytesDone: count.optional(),
    bytesTotal: count.optional().describe('absent where nobody knows yet'),
    filesDone: count.optional(),
    filesTotal: count.optional().describe('absent where nobody knows yet'),
    layers: count.optional(),
  })
  .meta({ id: 'PublicationProgress', description: 'a step of a publication, and how far it is' });

/** A bar on a publication's page: bytes or files done of all, where it is known. */
export type PublicationProgress = z.output<typeof publicationProgress>;

const publicationFailure = z
  .object({
    step: publicationStep,
    code: z.string(),
    reason: z.string().describe('for people'),
    attempt: z.int().positive(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'PublicationFailure', description: 'why an attempt failed' });

/** What a published image came to. */
const publicationResult = z
  .object({
    path: z.string().describe('the tree’s directory on CVMFS'),
    links: z.array(z.string()),
    files: count,
    directories: count,
    bytes: count,
    reusedFiles: count.optional(),
    leftOut: z.record(z.string(), count).optional(),
    seconds: stepSeconds,
    publishedAt: z.iso.datetime(),
  })
  .meta({ id: 'PublicationResult', description: 'what a published image came to' });

/** An image on its way to CVMFS, there, or gone from it. */
export const publication = z
  .object({
    id: z.uuid(),
    cvmfsRepository: cvmfsRepositoryName,
    registry: registryHost,
    repository: repositoryName,
    digest: digest.optional().describe('absent while the registry did not say what the tag stands for'),
    tags: z.array(tagName),
    platform: platform.optional(),
    state: z.enum(publicationStates),
    attempt: count.describe('attempts begun'),
    requestedAt: z.iso.datetime().optional(),
    at: z.iso.datetime().describe('when something was last heard of it'),
    steps: z.array(publicationProgress).describe('of the latest attempt'),
    failure: publicationFailure
      .optional()
      .describe('of the latest attempt that failed, unless one succeeded since'),
    retryAt: z.iso.datetime().optional(),
    removedAfter: z.iso.datetime().optional().describe('when the tree goes'),
    result: publicationResult.optional(),
    whyNotYet: z.string().optional().describe('what it waits for, for people; absent when it is published'),
  })
  .meta({ id: 'Publication', description: 'an image on its way to CVMFS, there, or gone from it' });

/** A line of `GET /publications`, made of what the publisher said so far. */
export type Publication = z.output<typeof publication>;

/** Something that was heard of a publication. */
const publicationEvent = z
  .object({
    id: z.string().describe('of the event'),
    at: z.iso.datetime(),
    event: z.string().describe('e.g. image.published'),
    text: z.string().describe('what happened, for people'),
    attempt: count.optional(),
  })
  .meta({ id: 'PublicationEvent', description: 'something that was heard of a publication' });

/** A line of a publication's history; the text is the registry's, made when it heard it. */
export type PublicationEvent = z.output<typeof publicationEvent>;

/** What `GET /publications/:id` answers. */
export const publicationWithHistory = publication
  .extend({ history: z.array(publicationEvent).describe('the latest first, at most 200') })
  .meta({ id: 'PublicationWithHistory', description: 'a publication and what was heard of it' });

/** A publication with its latest 200 events, as its page and `slipway publications show` tell them. */
export type PublicationWithHistory = z.output<typeof publicationWithHistory>;

/** Which publications. */
export const publicationQuery = pageQuery.extend({
  cvmfsRepository: cvmfsRepositoryName.optional(),
  registry: registryHost.optional(),
  repository: repositoryName.optional(),
  tag: tagName.optional(),
  digest: digest.optional(),
  state: z.enum(publicationStates).optional(),
  project: resourceName.optional().describe('what the image rules of this project publish'),
  q: z.string().min(1).max(255).optional().describe('a part of the image’s name'),
});

/** The query of `GET /publications`, checked; all that is told must fit. */
export type PublicationQuery = z.output<typeof publicationQuery>;

const imageFields = {
  registry: registryHost,
  repository: repositoryName,
  tag: tagName.optional(),
  digest: digest.optional(),
  cvmfsRepository: cvmfsRepositoryName.optional().describe('absent: wherever the image rules say'),
};

const oneName = (image: { tag?: string | undefined; digest?: string | undefined }): boolean =>
  (image.tag === undefined) !== (image.digest === undefined);

/** What to publish now. */
export const publishBody = z
  .strictObject({ ...imageFields, platform: platform.optional().describe('absent: as the image rule says') })
  .refine(oneName, 'needs either a tag or a digest')
  .meta({ id: 'PublishWish', description: 'an image to publish now' });

/** What `POST /publications` takes; it becomes one `image.publish` for each CVMFS repository. */
export type PublishBody = z.output<typeof publishBody>;

/** What publishing now set off. */
export const publishAnswer = z
  .object({
    command: z.uuid().describe('id of the message to the publisher; the first, where it is several'),
    cvmfsRepositories: z.array(cvmfsRepositoryName).describe('where it goes'),
    publications: z.array(publication).describe('what is known of it so far'),
  })
  .meta({ id: 'PublishAnswer', description: 'what publishing now set off' });

/** What `POST /publications` answers (202); `whyNotYet` of a publication tells how it goes on. */
export type PublishAnswer = z.output<typeof publishAnswer>;

/** How to take an image off CVMFS. */
export const unpublishQuery = z.object({
  tag: tagName.optional().describe('this tag alone; absent: the image and all its tags'),
  now: z
    .enum(['true', 'false'])
    .default('false')
    .describe('without the grace period: jobs that run from the tree lose their files'),
});

/** The query of `DELETE /publications/:id`, whose flags are the texts `true` and `false`. */
export type UnpublishQuery = z.output<typeof unpublishQuery>;

/** What `DELETE /publications/:id` answers (202): the publisher is told, nothing is removed yet. */
export const unpublishAnswer = z
  .object({ command: z.uuid().describe('id of the message to the publisher'), publication })
  .meta({ id: 'UnpublishAnswer', description: 'what unpublishing set off' });

/** The command that was sent, and the publication as it was known at that time. */
export type UnpublishAnswer = z.output<typeof unpublishAnswer>;

/** Of which image one wants to know why it is not there. */
export const whyQuery = z.object(imageFields);

/** Which image `GET /publications/why` is asked about; rules and publications are looked through for it. */
export type WhyQuery = z.output<typeof whyQuery>;

/** Why an image is not on CVMFS yet, also one that was never heard of. */
export const whyAnswer = z
  .object({
    text: z.string().describe('for people'),
    isPublished: z.boolean(),
    rules: z.array(z.string()).describe('names of the image rules that want it'),
    pushedAt: time.optional().describe('when a webhook last told of it'),
    publications: z.array(publication),
  })
  .meta({ id: 'WhyNotYet', description: 'why an image is not on CVMFS yet' });

/** One sentence for people, and what it was concluded from. */
export type WhyAnswer = z.output<typeof whyAnswer>;
