import { resourceChanged } from '../resources/changed.js';
import { subscriptionResource } from '../resources/subscription.resource.js';

export const subscriptionChanged = resourceChanged(subscriptionResource);
