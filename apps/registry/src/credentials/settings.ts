import { integer, setting } from '#service';
import { z } from 'zod';

/** When the registry warns of credentials that end. */
export const credentialSettings = {
  expiryWarningDays: setting({
    env: 'SLIPWAY_EXPIRY_WARNING_DAYS',
    schema: z
      .string()
      .regex(/^\d{1,3}(?:,\d{1,3})*$/, 'expected days, separated by commas')
      .transform((text) => text.split(',').map(Number)),
    default: '14,3',
    description:
      'So many days before a credential expires `credential.expiring` is said, once each, and once more when it has expired.',
  }),
  expiryCheckSeconds: setting({
    env: 'SLIPWAY_EXPIRY_CHECK_SECONDS',
    schema: integer({ min: 1, max: 86_400 }),
    default: '600',
    description: 'How often credentials that expire are looked for, in seconds.',
  }),
} as const;
