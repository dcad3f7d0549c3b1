import { z } from 'zod';

const expected = 'expected an http or https URL';

/** An http or https URL that people write down. It names its host and holds no password: those are never written. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: expected })
  .max(2_000)
  // A parser takes what follows any number of slashes for the host.
  .refine((url) => !/^https?:\/\/\//i.test(url), expected)
  .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'expected a URL without user name or password');
