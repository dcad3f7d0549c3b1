import { houseTokens } from '#access';
import type { SignInMethods } from '#api';
import { openKeyRing } from '#secrets';
import type { DataSource } from 'typeorm';
import { IssuerKeys } from '#access';
import { OpenidProvider } from '../clients/openid-provider.js';
import type { RegistryConfig } from '../config.js';
import type { SignInRules } from '../domain/claims.js';
import { AUTHENTICATION, authenticationBy } from '../http/authentication.js';
import { ApiKeyStore } from '../storage/api-key.store.js';
import { AuditStore } from '../storage/audit.store.js';
import { BootstrapKeyStore } from '../storage/bootstrap-key.store.js';
import { PersonStore } from '../storage/person.store.js';
import { SessionStore } from '../storage/session.store.js';
import { findGitlabProjects } from '../storage/gitlab-projects.js';
import { ApiKeys } from './api-keys.js';
import { BearerTokens } from './bearer-tokens.js';
import { Bootstrap } from './bootstrap.js';
import { CiTokens } from './ci-tokens.js';
import { showBootstrapKey } from './show-bootstrap-key.js';
import { Sessions } from './sessions.js';
import { SignIn } from './sign-in.js';
import { KEY_RING, SIGN_IN, SIGN_IN_METHODS } from './tokens.js';

interface Provided {
  readonly provide: symbol | (abstract new (...given: never[]) => unknown);
  readonly useValue: unknown;
}

/** All that knows who somebody is, put together from the settings. */
export function accessProviders(config: RegistryConfig, dataSource: DataSource): readonly Provided[] {
  const ring = openKeyRing(config.keyRing);
  const publicUrl = config.publicUrl.replace(/\/+$/, '');
  const secure = publicUrl.startsWith('https:');
  const rules: SignInRules = { admins: config.oidcAdmins, allowed: config.oidcMembers };
  const keyStore = new ApiKeyStore(dataSource);
  const audit = new AuditStore(dataSource);
  const apiKeys = new ApiKeys({ store: keyStore, audit, rules });
  const bootstrap = new Bootstrap({
    keys: keyStore,
    store: new BootstrapKeyStore(dataSource),
    hasAdmins: config.oidcIssuer !== undefined && config.oidcAdmins.length > 0,
    given: config.bootstrapKey,
    show: showBootstrapKey,
  });
  const limits = { idle: config.sessionIdle, absolute: config.sessionLifetime };
  const store = new SessionStore(dataSource);
  const people = new PersonStore(dataSource);
  const sessions = new Sessions({ ring, limits, rules, apiKeys, secure, store, people, audit });
  const ciTokens = new CiTokens({
    ring,
    issuers: (config.gitlabIssuers ?? []).map((issuer) => new IssuerKeys({ issuer })),
    audience: publicUrl,
    findProjects: (project) => findGitlabProjects(dataSource, project),
  });
  const readers = [bootstrap, apiKeys, ciTokens, ...bearerTokens(config, rules)];
  return [
    { provide: KEY_RING, useValue: ring },
    { provide: ApiKeyStore, useValue: keyStore },
    { provide: ApiKeys, useValue: apiKeys },
    { provide: Bootstrap, useValue: bootstrap },
    { provide: Sessions, useValue: sessions },
    { provide: SessionStore, useValue: store },
    { provide: CiTokens, useValue: ciTokens },
    {
      provide: SIGN_IN,
      useValue: signInBy(config, `${publicUrl}/auth/callback`, { ring, rules, sessions, secure }),
    },
    { provide: SIGN_IN_METHODS, useValue: methodsOf(config) },
    { provide: AUTHENTICATION, useValue: authenticationBy(readers, sessions, houseTokens(ring)) },
  ];
}

function bearerTokens(config: RegistryConfig, rules: SignInRules): readonly BearerTokens[] {
  if (config.oidcIssuer === undefined) return [];
  const keys = new IssuerKeys({ issuer: config.oidcIssuer });
  return [new BearerTokens(keys, config.oidcAudiences ?? [config.oidcClientId], rules)];
}

function signInBy(
  config: RegistryConfig,
  redirectUri: string,
  parts: Omit<ConstructorParameters<typeof SignIn>[0], 'provider'>,
): SignIn | undefined {
  const {
    oidcIssuer: issuer,
    oidcClientId: clientId,
    oidcClientSecret: clientSecret,
    oidcScopes: scopes,
  } = config;
  if (issuer === undefined) return undefined;
  return new SignIn({
    ...parts,
    provider: new OpenidProvider({ issuer, clientId, clientSecret, scopes, redirectUri }),
  });
}

function methodsOf({ oidcIssuer, oidcTitle }: RegistryConfig): SignInMethods {
  return {
    ...(oidcIssuer !== undefined && {
      oidc: { title: oidcTitle ?? new URL(oidcIssuer).hostname, url: '/auth/login' },
    }),
    key: { url: '/auth/key' },
  };
}
