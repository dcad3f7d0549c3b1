import { resourceChanged } from '../resources/changed.js';
import { identityMappingResource } from '../resources/identity-mapping.resource.js';

/** Said by the registry; the submitter accepts the next group by it. */
export const identityMappingChanged = resourceChanged(identityMappingResource);
