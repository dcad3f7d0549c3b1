import { z } from 'zod';

/** What people call a thing that the registry keeps: a part of its address in the API, and of event subjects. */
export const resourceName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
    'expected lower-case letters, digits, ".", "_" and "-", at most 64',
  )
  .describe('name');
