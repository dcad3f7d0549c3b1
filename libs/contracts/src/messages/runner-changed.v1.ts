import { resourceChanged } from '../resources/changed.js';
import { runnerResource } from '../resources/runner.resource.js';

/** Said by the registry; the bridge begins, pauses or ends to ask GitLab for this runner's jobs. */
export const runnerChanged = resourceChanged(runnerResource);
