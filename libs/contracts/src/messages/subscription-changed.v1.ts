import { resourceChanged } from '../resources/changed.js';
import { subscriptionResource } from '../resources/subscription.resource.js';

/** Said by the registry when owners change who is told; no service keeps a copy, subscriptions may hear it. */
export const subscriptionChanged = resourceChanged(subscriptionResource);
