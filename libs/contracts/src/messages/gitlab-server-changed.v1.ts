import { resourceChanged } from '../resources/changed.js';
import { gitlabServerResource } from '../resources/gitlab-server.resource.js';

export const gitlabServerChanged = resourceChanged(gitlabServerResource);
