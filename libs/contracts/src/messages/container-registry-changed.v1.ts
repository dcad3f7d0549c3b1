import { resourceChanged } from '../resources/changed.js';
import { containerRegistryResource } from '../resources/container-registry.resource.js';

export const containerRegistryChanged = resourceChanged(containerRegistryResource);
