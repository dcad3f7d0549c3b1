import { connectionWords, permanent, temporary } from '#errors';
import * as client from 'openid-client';
import type { Claims } from '../domain/claims.js';

/** The registry as a client of the sign-in provider (OpenID Connect Core 1.0). */
export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined;
  readonly scopes: string;
  readonly redirectUri: string;
}

/** What has to be remembered between sending a browser away and its coming back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const discoveryLastsMs = 3_600_000;

/** The sign-in provider: OpenID Connect, authorization code with PKCE (RFC 7636). */
export class OpenidProvider {
  private configuration: { readonly value: client.Configuration; readonly until: number } | undefined;

  constructor(private readonly options: ProviderOptions) {}

  /** Where to send the browser. @throws AppError `sign_in.provider_unavailable` (temporary) */
  async begin(): Promise<{ readonly url: URL; readonly pending: PendingSignIn }> {
    const configuration = await this.discovered();
    const pending = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.options.redirectUri,
      scope: this.options.scopes,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url, pending };
  }

  /**
   * What the provider says of whoever came back: of the ID token and, where there is one, of the userinfo endpoint
   * (GitLab and others tell all groups there alone).
   * @throws AppError `sign_in.refused` (permanent), `sign_in.provider_unavailable` (temporary)
   */
  async finish(query: string, pending: PendingSignIn): Promise<readonly Claims[]> {
    const configuration = await this.discovered();
    const url = new URL(this.options.redirectUri);
    url.search = query;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw permanent('sign_in.refused', 'the provider sent no ID token', { level: 'info' });
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return [claims];
      return [claims, await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)];
    } catch (error) {
      throw judged(error);
    }
  }

  private async discovered(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.options;
    if (this.configuration && this.configuration.until > Date.now()) return this.configuration.value;
    const isPlain = issuer.startsWith('http:');
    try {
      const value = await client.discovery(
        new URL(issuer),
        clientId,
        undefined,
        clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
        {
          timeout: 5,
          // Over plain http, whoever is on the way could send an ID token of their own: its signature is always checked.
          execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
        },
      );
      this.configuration = { value, until: Date.now() + discoveryLastsMs };
      return value;
    } catch (error) {
      if (this.configuration) return this.configuration.value;
      throw unavailable(error);
    }
  }
}

function judged(error: unknown): unknown {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    // The description came with the address, and so from anybody who can make a link.
    const code = /^[a-z_]{1,64}$/.test(error.error) ? error.error : 'an error';
    return permanent('sign_in.refused', `the provider answered ${code}`, { level: 'info', cause: error });
  }
  if (error instanceof client.ClientError && error.code?.startsWith('OAUTH_') === true) {
    if (/TIMEOUT|ABORT/.test(error.code)) return unavailable(error);
    return permanent('sign_in.refused', 'what the provider answered does not fit what was asked', {
      cause: error,
    });
  }
  return error instanceof Error && error.name === 'AppError' ? error : unavailable(error);
}

function unavailable(cause: unknown): Error {
  // What the client finds wrong with an answer has a code and its own words.
  const isKnown = cause instanceof client.ClientError && cause.code !== undefined;
  const why = isKnown ? cause.message : connectionWords(cause);
  const text = `the sign-in provider cannot be used: ${why}`;
  return temporary('sign_in.provider_unavailable', text, { cause });
}
