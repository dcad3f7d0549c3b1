import { resourceChanged } from '../resources/changed.js';
import { sourceResource } from '../resources/source.resource.js';

export const sourceChanged = resourceChanged(sourceResource);
