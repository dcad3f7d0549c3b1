import { everybody, type Who } from './who.js';

/** Who is let in; all others are refused, with 401 where they are nobody and with 403 where they are somebody else. */
const all: readonly Who[] = everybody;
const signedIn: readonly Who[] = everybody.filter((who) => who !== 'nobody' && who !== 'expired key');
const members: readonly Who[] = signedIn.filter((who) => !who.startsWith('reader'));
const owners: readonly Who[] = ['owner', 'owner by group', 'admin'];
const publishers: readonly Who[] = ['CI job', ...owners];
const admins: readonly Who[] = ['admin'];

const ofEachKind = (plural: string, makers: readonly Who[], changers: readonly Who[]) => ({
  [`GET /api/v1/${plural}`]: signedIn,
  [`POST /api/v1/${plural}`]: makers,
  [`GET /api/v1/${plural}/{name}`]: signedIn,
  [`PUT /api/v1/${plural}/{name}`]: changers,
  [`DELETE /api/v1/${plural}/{name}`]: changers,
  [`GET /api/v1/${plural}/{name}/history`]: signedIn,
});

/** Every route of the application. A new one without a line here fails the test. */
export const expectations: Readonly<Record<string, readonly Who[]>> = {
  ...ofEachKind('projects', admins, owners),
  ...ofEachKind('credentials', owners, owners),
  ...ofEachKind('image-rules', owners, owners),
  ...ofEachKind('subscriptions', owners, owners),
  ...ofEachKind('sources', admins, admins),
  ...ofEachKind('cvmfs-repositories', admins, admins),
  ...ofEachKind('container-registries', admins, admins),
  ...ofEachKind('backends', admins, admins),
  ...ofEachKind('identity-mappings', admins, admins),
  ...ofEachKind('gitlab-servers', admins, admins),
  ...ofEachKind('runners', owners, owners),
  'POST /api/v1/credentials/{name}/rotate': owners,
  'DELETE /api/v1/credentials/{name}/secrets/{id}': owners,
  'GET /api/v1/subscriptions/{name}/deliveries': signedIn,
  'POST /api/v1/subscriptions/{name}/deliveries/{id}/replay': owners,
  'POST /api/v1/subscriptions/{name}/test': owners,
  'GET /api/v1/audit': owners,
  'POST /api/v1/apply': admins,
  'GET /api/v1/me': signedIn,
  'GET /api/v1/sign-in': all,
  'POST /api/v1/token': all,
  // One that a key or token made would outlive its end: people and admins make them.
  'POST /api/v1/api-keys': ['owner by group', 'admin'],
  'GET /api/v1/api-keys': members,
  'DELETE /api/v1/api-keys/{id}': members,
  'GET /api/v1/sessions': signedIn,
  'DELETE /api/v1/sessions/{id}': signedIn,
  'GET /auth/login': all,
  'GET /auth/callback': all,
  'POST /auth/key': all,
  'POST /auth/logout': all,
  'GET /api/openapi.json': all,
  'GET /api/docs': all,
  'GET /api/docs/{file}': all,
  'GET /api/v1/publications': signedIn,
  'GET /api/v1/publications/why': signedIn,
  'GET /api/v1/publications/{id}': signedIn,
  'POST /api/v1/publications': publishers,
  // Of one that is not there it is not known whose it is.
  'DELETE /api/v1/publications/{id}': members,
  'POST /api/v1/jobs': publishers,
  // The monitor decides on the rest: of what is not there, or not theirs, they are told so.
  'GET /api/v1/jobs': signedIn,
  'GET /api/v1/jobs/{id}': signedIn,
  'POST /api/v1/jobs/{id}/cancel': members,
  'POST /api/v1/jobs/{id}/retry': members,
  'GET /api/v1/groups': signedIn,
  'GET /api/v1/groups/{id}': signedIn,
  'GET /api/v1/groups/{id}/jobs': signedIn,
  'POST /api/v1/groups/{id}/cancel': members,
  'POST /api/v1/groups/{id}/retry': members,
  'GET /api/v1/attempts/{id}/log': signedIn,
  'GET /api/v1/attempts/{id}/batch-log': signedIn,
  'GET /api/v1/attempts/{id}/outputs': signedIn,
  'GET /api/v1/attempts/{id}/outputs.zip': signedIn,
  'GET /api/v1/attempts/{id}/outputs/file': signedIn,
  // Events are not told apart by project: who may see some alone sees none.
  'GET /api/v1/events': ['reader', 'owner by group', 'admin'],
  'GET /api/v1/dead-letters': admins,
  'GET /api/v1/dead-letters/{queue}/{id}': admins,
  'POST /api/v1/dead-letters/{queue}/{id}/replay': admins,
  'DELETE /api/v1/dead-letters/{queue}/{id}': admins,
  'GET /api/v1/diagnosis': admins,
};
