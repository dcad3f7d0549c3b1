import { duration } from '#contracts';
import { keyRingSetting, setting, urlsWith, urlWith } from '#service';
import { z } from 'zod';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

/** Who may come in, and how. */
export const accessSettings = {
  keyRing: keyRingSetting,
  oidcIssuer: setting({
    env: 'SLIPWAY_OIDC_ISSUER',
    schema: urlWith('http:', 'https:').optional(),
    description:
      'Sign-in provider (OpenID Connect), exactly as it calls itself, e.g. https://gitlab.com or https://auth.cern.ch/auth/realms/cern. Without it API keys are the only way in.',
  }),
  oidcTitle: setting({
    env: 'SLIPWAY_OIDC_TITLE',
    schema: z.string().min(1).max(50).optional(),
    description: "The provider's name on the sign-in page. Default: its host name.",
  }),
  oidcClientId: setting({
    env: 'SLIPWAY_OIDC_CLIENT_ID',
    schema: z.string().min(1).default('slipway'),
    default: 'slipway',
    description:
      'Client id at the provider, where <SLIPWAY_PUBLIC_URL>/auth/callback is to be registered as its redirect address.',
  }),
  oidcClientSecret: setting({
    env: 'SLIPWAY_OIDC_CLIENT_SECRET',
    schema: z.string().min(1).optional(),
    secret: true,
    description: 'Client secret at the provider; absent: a public client.',
  }),
  oidcScopes: setting({
    env: 'SLIPWAY_OIDC_SCOPES',
    schema: z.string().regex(/(?:^| )openid(?: |$)/, 'expected scopes with openid among them'),
    default: 'openid profile',
    description: 'Scopes to ask the provider for, those that bring groups among them, separated by spaces.',
  }),
  oidcAudiences: setting({
    env: 'SLIPWAY_OIDC_AUDIENCES',
    schema: list.optional(),
    description:
      "Audiences of the provider's JWTs that programs may send as bearer tokens, separated by commas. Default: the client id.",
  }),
  oidcAdmins: setting({
    env: 'SLIPWAY_OIDC_ADMINS',
    schema: list,
    default: '',
    description:
      'Who is an admin: subjects, user names (preferred_username) or group:<group>, separated by commas.',
  }),
  oidcMembers: setting({
    env: 'SLIPWAY_OIDC_MEMBERS',
    schema: list,
    default: '',
    description:
      'Who may come in besides admins, likewise. Empty: everybody whom the provider knows, which of a public provider is the world.',
  }),
  gitlabIssuers: setting({
    env: 'SLIPWAY_GITLAB_ISSUERS',
    schema: urlsWith('http:', 'https:').optional(),
    description:
      'GitLabs whose CI jobs may exchange their ID tokens, as they call themselves, e.g. https://gitlab.com, separated by commas.',
  }),
  sessionIdle: setting({
    env: 'SLIPWAY_SESSION_IDLE',
    schema: duration,
    default: '2h',
    description: 'After so long without a request a session of the page ends, e.g. 30m or 2h.',
  }),
  sessionLifetime: setting({
    env: 'SLIPWAY_SESSION_LIFETIME',
    schema: duration,
    default: '12h',
    description: 'A session of the page ends so long after signing in; groups are asked for anew then.',
  }),
  bootstrapKey: setting({
    env: 'SLIPWAY_BOOTSTRAP_KEY',
    schema: z
      .string()
      .regex(
        /^slw_bootstrap_[A-Za-z0-9_-]{43}$/,
        'expected slw_bootstrap_ and 43 characters: base64url of 32 random bytes',
      )
      .optional(),
    secret: true,
    description:
      'The one-time key that makes the first admin, slw_bootstrap_<base64url of 32 random bytes>, instead of one that the first start prints.',
  }),
} as const;
