import { resourceChanged } from '../resources/changed.js';
import { projectResource } from '../resources/project.resource.js';

/** Said by the registry; submitter, monitor and bridge use its limits and backend from then on. */
export const projectChanged = resourceChanged(projectResource);
