import { duration, resourceName } from '#contracts';
import { z } from 'zod';

/** What somebody may do at most. */
export const roles = ['admin', 'member', 'reader'] as const;

const onlyProjects = z
  .array(resourceName)
  .min(1)
  .max(200)
  .describe('sees and does nothing outside of these projects; absent: all');

/** `GET /me`: who asks. */
export const me = z.object({
  subject: z.string(),
  name: z.string(),
  via: z.enum(['bootstrap', 'api-key', 'session', 'bearer', 'ci-token', 'command']),
  role: z.enum(roles),
  groups: z.array(z.string()),
  onlyProjects: onlyProjects.optional(),
});

/** Who asks, as the page and `slipway whoami` decide by it what to offer; the registry decides anew each time. */
export type Me = z.output<typeof me>;

/** `GET /sign-in`: how a person can sign in to the page. */
export const signInMethods = z.object({
  oidc: z
    .object({
      title: z.string().describe("the provider's name"),
      url: z.string().describe('where the browser goes, with `?to=` and where it wants to be afterwards'),
    })
    .optional()
    .describe('absent: no provider is configured'),
  key: z.object({ url: z.string().describe('what `{key}` is posted to, for a session') }),
});

/** Which ways in the registry is configured for; readable by anybody, for the page before a sign-in. */
export type SignInMethods = z.output<typeof signInMethods>;

/** `POST /auth/key`: an API key, or the bootstrap key, for a session of the browser. */
export const keySignIn = z.strictObject({ key: z.string().min(1).max(200) });

/** `POST /api-keys`. */
export const newApiKey = z.strictObject({
  name: z.string().min(1).max(100).describe('what it is for; shown as who did what'),
  role: z.enum(roles).default('reader'),
  onlyProjects: onlyProjects.optional(),
  expiresIn: duration.prefault('90d').describe('how long it counts, e.g. 12h or 90d; at most 400d'),
});

/** An API key without the key itself. */
export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  onlyProjects: onlyProjects.optional(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional().describe('to the minute, about'),
});

/** What `GET /api-keys` lists: a key by its id and name, never by itself. */
export type ApiKey = z.output<typeof apiKey>;

/** The answer to `POST /api-keys`: the one time that the key itself is shown. */
export const createdApiKey = apiKey.extend({
  key: z.string().describe('shown this once: only its hash is kept'),
});

/** The key with its text, for whoever must show or hand it on at once. */
export type CreatedApiKey = z.output<typeof createdApiKey>;

/** A session of a browser. */
export const browserSession = z.object({
  id: z.uuid(),
  subject: z.string(),
  name: z.string().describe('whose it is'),
  way: z.enum(['openid', 'api-key', 'bootstrap']).describe('how they signed in'),
  browser: z.string().describe('what the browser calls itself'),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().describe('about'),
  expiresAt: z.iso.datetime().describe('at the latest'),
  isThisOne: z.boolean().describe('whether this is the session that asks'),
});

/** What `GET /sessions` lists and one may end by its id. */
export type BrowserSession = z.output<typeof browserSession>;
