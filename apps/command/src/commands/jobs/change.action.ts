import type { ChangedJobs } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { confirm } from '../../confirm.js';
import { counted } from '../../output/words.js';
import { findNamed, type Named } from './find-job.js';

const pathOf = (named: Named): string =>
  named.kind === 'group' ? `/groups/${named.group.id}` : `/jobs/${named.job.id}`;

/** `slipway cancel ID`. */
export const cancel: Action = async (context, input) => {
  const registry = registryOf(context);
  const named = await findNamed(registry, input.argument('id'));
  if (named.kind === 'group' && named.group.jobs > 1)
    await confirm(context, input, `Cancel the ${named.group.jobs} jobs of ${named.group.name}?`);
  const reason = input.text('reason');
  const { body } = await registry.request<ChangedJobs>('POST', `${pathOf(named)}/cancel`, {
    body: reason === undefined ? {} : { reason },
  });
  await context.out.result(body, () =>
    body.jobs === 0 ? 'nothing to cancel: all have ended' : `asked to cancel ${counted(body.jobs, 'job')}`,
  );
};

/** `slipway retry ID`. */
export const retry: Action = async (context, input) => {
  const registry = registryOf(context);
  const named = await findNamed(registry, input.argument('id'));
  const { body } = await registry.request<ChangedJobs>('POST', `${pathOf(named)}/retry`);
  await context.out.result(body, () =>
    body.jobs === 0
      ? 'nothing to try again: none has ended without success'
      : `${counted(body.jobs, 'job')} will be tried again`,
  );
};
