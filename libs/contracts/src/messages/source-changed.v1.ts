import { resourceChanged } from '../resources/changed.js';
import { sourceResource } from '../resources/source.resource.js';

/** Said by the registry; the relay verifies the next delivery by it. */
export const sourceChanged = resourceChanged(sourceResource);
