import { z } from 'zod';
import { pageQuery, time } from './page.js';

/** Who did what, and when. */
export const auditEntry = z
  .object({
    id: z.int().positive(),
    at: z.iso.datetime(),
    by: z.string().describe('who'),
    via: z.string().describe('how that was known: session, bearer, api-key, ci-token or bootstrap'),
    action: z.string().describe('created, changed, removed, rotated, …'),
    kind: z.string().optional().describe('what it was done to: a kind of resource, or e.g. api_key'),
    name: z.string().optional(),
    project: z.string().optional(),
    version: z.int().positive().optional(),
    fields: z.array(z.string()).describe('the fields that changed'),
    detail: z.string().optional(),
  })
  .meta({ id: 'AuditEntry', description: 'who did what, and when' });

/** A line of the audit, as page and command show it; fields by name alone, values are not kept there. */
export type AuditEntry = z.output<typeof auditEntry>;

/** Which entries; all that is told must fit. */
export const auditQuery = pageQuery.extend({
  kind: z.string().min(1).max(64).optional().describe('of this kind'),
  name: z.string().min(1).max(255).optional().describe('of what has this name'),
  project: z.string().min(1).max(64).optional().describe('of this project; required unless one is an admin'),
  by: z.string().min(1).max(255).optional().describe('of this person or key'),
  action: z.string().min(1).max(64).optional(),
  since: time.optional(),
  until: time.optional(),
});

/** The query of `GET /audit` once it is checked, as the audit's store filters by it. */
export type AuditQuery = z.output<typeof auditQuery>;
