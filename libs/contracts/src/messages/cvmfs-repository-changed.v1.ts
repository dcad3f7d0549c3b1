import { resourceChanged } from '../resources/changed.js';
import { cvmfsRepositoryResource } from '../resources/cvmfs-repository.resource.js';

export const cvmfsRepositoryChanged = resourceChanged(cvmfsRepositoryResource);
