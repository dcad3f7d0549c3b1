import { distribution } from './distribution.source.js';
import { dockerHub } from './docker-hub.source.js';
import { github } from './github.source.js';
import { gitlab } from './gitlab.source.js';
import { harbor } from './harbor.source.js';
import { quay } from './quay.source.js';
import type { SourceKind } from './source.js';
import { standardWebhooks } from './standard-webhooks.source.js';

/** Every kind of sender. A new one is a file beside this and a line here. */
export const sourceKinds: readonly SourceKind[] = [
  dockerHub,
  distribution,
  gitlab,
  harbor,
  quay,
  github,
  standardWebhooks,
];
