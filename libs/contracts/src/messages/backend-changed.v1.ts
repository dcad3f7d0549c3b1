import { resourceChanged } from '../resources/changed.js';
import { backendResource } from '../resources/backend.resource.js';

export const backendChanged = resourceChanged(backendResource);
