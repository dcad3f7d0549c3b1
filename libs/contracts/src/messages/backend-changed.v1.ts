import { resourceChanged } from '../resources/changed.js';
import { backendResource } from '../resources/backend.resource.js';

/** Said by the registry; the copies of submitter and monitor use it from then on. */
export const backendChanged = resourceChanged(backendResource);
