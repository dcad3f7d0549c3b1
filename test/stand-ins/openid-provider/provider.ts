import { randomBytes } from 'node:crypto';
import { Provider, type GrantContext } from 'oidc-provider';
import type { SigningKey } from './keys.js';
import { standInPeople } from './people.js';
import type { StandInSettings } from './settings.js';

const scopes = ['openid', 'profile', 'groups'];

/** A real OpenID provider with one client; whoever signs in is asked for a name alone. */
export function makeProvider(issuer: string, settings: StandInSettings, key: SigningKey): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        redirect_uris: settings.redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [key.jwk] },
    scopes,
    // As with GitLab: what is known of a person is told at the userinfo endpoint, the ID token says who it is alone.
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: {
      url: (_context: unknown, { uid }: { readonly uid: string }) => `/stand-in/sign-in/${uid}`,
    },
    findAccount: (_context: unknown, sub: string) => {
      const person = standInPeople.find((one) => one.sub === sub);
      return person && { accountId: sub, claims: () => ({ ...person }) };
    },
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const { clientId } = oidc.client;
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(scopes.join(' '));
      await grant.save();
      return grant;
    },
  });
}
