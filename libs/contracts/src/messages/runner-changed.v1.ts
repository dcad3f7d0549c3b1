import { resourceChanged } from '../resources/changed.js';
import { runnerResource } from '../resources/runner.resource.js';

export const runnerChanged = resourceChanged(runnerResource);
