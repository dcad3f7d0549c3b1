import { resourceChanged } from '../resources/changed.js';
import { identityMappingResource } from '../resources/identity-mapping.resource.js';

export const identityMappingChanged = resourceChanged(identityMappingResource);
