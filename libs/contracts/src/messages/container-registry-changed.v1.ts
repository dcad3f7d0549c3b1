import { resourceChanged } from '../resources/changed.js';
import { containerRegistryResource } from '../resources/container-registry.resource.js';

/** Said by the registry; the publisher pulls the next image as it says. */
export const containerRegistryChanged = resourceChanged(containerRegistryResource);
