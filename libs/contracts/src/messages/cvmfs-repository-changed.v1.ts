import { resourceChanged } from '../resources/changed.js';
import { cvmfsRepositoryResource } from '../resources/cvmfs-repository.resource.js';

/** Said by the registry; the publisher ends the lane of the repository and opens one as it says. */
export const cvmfsRepositoryChanged = resourceChanged(cvmfsRepositoryResource);
