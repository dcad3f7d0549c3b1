export {
  apiKey,
  browserSession,
  createdApiKey,
  keySignIn,
  me,
  newApiKey,
  roles,
  signInMethods,
  type ApiKey,
  type BrowserSession,
  type CreatedApiKey,
  type Me,
  type SignInMethods,
} from './access.js';
export {
  applyBody,
  applyQuery,
  applyResult,
  type ApplyChange,
  type ApplyResult,
  type FieldChange,
} from './apply.js';
export { auditEntry, auditQuery, type AuditEntry, type AuditQuery } from './audit.js';
export {
  pageOf,
  pageQuery,
  resourceQuery,
  time,
  type Page,
  type PageQuery,
  type ResourceQuery,
} from './page.js';
export { bodyOf, shownBeside, writtenBeside, type ShownSecret } from './beside.js';
export { rotation } from './rotation.js';
export { issue, problem, problemType, type Issue, type Problem } from './problem.js';
export {
  pastRepresentationOf,
  representationOf,
  type PastRepresentation,
  type Representation,
} from './representation.js';
export * from './publication.js';
export * from './live.js';
export * from './delivery.js';
export * from './job-submission.js';
export * from './job.js';
export * from './job-log.js';
