/**
 * What is said of images, by name: a browser hears no event that it does not know by name. Written out, for the
 * messages themselves would bring their schemas along to pages that check nothing; a test compares them.
 */
export const imageEvents = [
  'image.pushed',
  'image.queued',
  'image.deleted',
  'image.publishing',
  'image.published',
  'image.publish_failed',
  'image.untagged',
  'image.unpublishing',
  'image.unpublished',
] as const;

/** The name of an event about images, as the stream writes it and lists of words are kept by it. */
export type ImageEvent = (typeof imageEvents)[number];
