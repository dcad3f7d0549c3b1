import { join } from 'node:path';
import type { BackendKind } from '../../backend.js';
import { accessTokens } from './access-tokens.js';
import { removeStaleCredentials } from './credentials.js';
import { HtcondorBackend } from './htcondor.backend.js';
import { Schedd } from './schedd.js';
import { Staging } from './staging.js';
import { diesWithParent, toolRunner } from './tools.js';

/** A transaction whose client died is rolled back or through after this, in milliseconds. */
const settlesWithinMs = 5_000;
/** Where nothing ends the tool together with us, it may run until its own end. */
const settlesAlone = 310_000;

/** HTCondor 10 or later: a local schedd, or one in a pool. */
export const htcondor: BackendKind = {
  kind: 'htcondor',
  title: 'HTCondor',
  async open(options) {
    const { settings, own } = options;
    const directory = join(options.directory, 'htcondor', settings.name);
    await removeStaleCredentials(directory);
    const accessToken = accessTokens({ issuer: settings.tokenIssuer, audience: settings.tokenAudience });
    const schedd = new Schedd({ settings, own, directory, accessToken, run: toolRunner(settings.tools) });
    const settlesWithin = diesWithParent() ? settlesWithinMs : settlesAlone;
    return new HtcondorBackend({ options, schedd, staging: new Staging(directory), settlesWithin });
  },
};
