import { subscriptionResource } from '#contracts';
import { toAppError } from '#errors';
import type { ResourceChanges } from '../changes/resource-changes.js';
import type { Written } from '../changes/companion.js';
import type { Identity } from '#access';
import type { DueDelivery } from '../storage/delivery.store.js';

const registry: Identity = {
  subject: 'registry',
  name: 'registry',
  via: 'command',
  role: 'admin',
  groups: [],
};

/** Somebody who asks for no more is sent no more, until an admin or an owner says otherwise. */
export async function pauseSubscription(
  changes: ResourceChanges,
  due: Pick<DueDelivery, 'subscriptionName' | 'version' | 'spec' | 'eventId'>,
): Promise<void> {
  const { subscriptionName: name, version, spec, eventId } = due;
  const wish = {
    resource: subscriptionResource,
    name,
    written: { ...(spec as Written), isPaused: true },
    expected: { versions: [version] },
    why: `its receiver answered 410 Gone to the event ${eventId}`,
  };
  try {
    await changes.transaction((manager) => changes.make(manager, registry, wish));
  } catch (thrown) {
    // Changed or removed while it was asked: what the receiver said was not of what is there now.
    const { code } = toAppError(thrown);
    if (code !== 'resource.version_differs' && code !== 'resource.not_found') throw thrown;
  }
}
