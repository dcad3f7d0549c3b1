import { resourceChanged } from '../resources/changed.js';
import { projectResource } from '../resources/project.resource.js';

export const projectChanged = resourceChanged(projectResource);
