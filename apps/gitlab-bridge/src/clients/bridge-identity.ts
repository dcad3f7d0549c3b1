import type { Identity } from '#access';

/** As whom the bridge asks other services: it sees all projects, for CI jobs of all of them come here. */
export const bridgeIdentity = {
  subject: 'service:gitlab-bridge',
  name: 'gitlab-bridge',
  via: 'api-key',
  role: 'reader',
  groups: [],
} as const satisfies Identity;
