import { resourceChanged } from '../resources/changed.js';
import { imageRuleResource } from '../resources/image-rule.resource.js';

/** Said by the registry; publisher and bridge match the next image with it. */
export const imageRuleChanged = resourceChanged(imageRuleResource);
