import { resourceChanged } from '../resources/changed.js';
import { gitlabServerResource } from '../resources/gitlab-server.resource.js';

/** Said by the registry; the bridge asks for jobs and sets statuses there as it says. */
export const gitlabServerChanged = resourceChanged(gitlabServerResource);
