import { backendResource } from './backend.resource.js';
import { containerRegistryResource } from './container-registry.resource.js';
import { credentialResource } from './credential.resource.js';
import { cvmfsRepositoryResource } from './cvmfs-repository.resource.js';
import { gitlabServerResource } from './gitlab-server.resource.js';
import { identityMappingResource } from './identity-mapping.resource.js';
import { imageRuleResource } from './image-rule.resource.js';
import { projectResource } from './project.resource.js';
import { runnerResource } from './runner.resource.js';
import { sourceResource } from './source.resource.js';
import { subscriptionResource } from './subscription.resource.js';
import type { Resource } from './define-resource.js';

/** Every kind of thing that the registry keeps, those that others name first. A new one is a file and a line here. */
export const resources: readonly Resource[] = [
  backendResource,
  projectResource,
  credentialResource,
  sourceResource,
  cvmfsRepositoryResource,
  containerRegistryResource,
  imageRuleResource,
  identityMappingResource,
  gitlabServerResource,
  runnerResource,
  subscriptionResource,
];
