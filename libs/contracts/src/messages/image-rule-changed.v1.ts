import { resourceChanged } from '../resources/changed.js';
import { imageRuleResource } from '../resources/image-rule.resource.js';

export const imageRuleChanged = resourceChanged(imageRuleResource);
