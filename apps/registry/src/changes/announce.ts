import { messages } from '#contracts';
import { addToOutbox } from '#database';
import { permanent } from '#errors';
import { currentTraceparent } from '#service';
import type { EntityManager } from 'typeorm';
import type { StoredResource } from '../domain/stored-resource.js';

/** Writes `<kind>.changed` into the outbox of the change's transaction. */
export async function announce(
  manager: EntityManager,
  stored: StoredResource,
  beside?: object,
): Promise<void> {
  const message = messages.find(({ name }) => name === `${stored.kind}.changed`);
  if (!message) throw permanent('resource.no_message', `no message tells of a changed ${stored.kind}`);
  const payload = { ...changePayload(stored), ...beside };
  await addToOutbox(manager, { message, payload, traceparent: currentTraceparent() });
}

/** A state of a resource as its message tells it, without what is kept beside it. */
export const changePayload = ({ id, name, version, revision, at, by, gone, spec }: StoredResource) => ({
  id,
  name,
  version,
  revision,
  at,
  by,
  gone,
  ...(!gone && { spec }),
});
