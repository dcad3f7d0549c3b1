import type { GridJobWithAll, JobAttempt, JobGroupWithAll } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { details } from '../../output/details.js';
import { plain } from '../../output/paint.js';
import { relative, size } from '../../output/words.js';
import { findNamed } from './find-job.js';
import { countsText, duration, reasonText } from './words.js';

/** `slipway jobs show ID`. */
export const show: Action = async (context, input) => {
  const named = await findNamed(registryOf(context), input.argument('id'));
  const value = named.kind === 'group' ? named.group : named.job;
  await context.out.result(value, () =>
    named.kind === 'group' ? groupText(named.group, context) : jobText(named.job, context),
  );
};

type Fields = readonly (readonly [string, string | undefined])[];

const known = (fields: Fields): readonly (readonly [string, string])[] =>
  fields.filter((field): field is readonly [string, string] => field[1] !== undefined && field[1] !== '');

const resourcesText = ({ resources }: NonNullable<JobGroupWithAll['template']>): string =>
  `${resources.cpus} cores, ${size(resources.memoryBytes)} memory, ${size(resources.diskBytes)} disk, ${resources.wallTimeSeconds} s`;

function groupText(group: JobGroupWithAll, { out, now }: Context): string {
  const { totals, template } = group;
  return details(
    known([
      ['group', group.name],
      ['state', `${group.state}${group.finishedAt ? `, ${relative(group.finishedAt, now())}` : ''}`],
      ['jobs', `${group.jobs}: ${countsText(group)}`],
      ['refused', group.refusal && `${group.refusal.code}: ${group.refusal.reason}`],
      ['project', group.project],
      ['backend', group.backend],
      ['user', group.user],
      ['identity', group.identity],
      ['image', template?.image],
      ['each takes', template && resourcesText(template)],
      ['running at once', group.runningAtOnce === undefined ? undefined : String(group.runningAtOnce)],
      ['log', `${totals.logLines} lines, ${size(totals.logBytes)}`],
      ['outputs', outputsText(totals)],
      ['ends about', totals.estimatedEnd && relative(totals.estimatedEnd, now())],
      ['handed in', `${relative(group.requestedAt, now())} by ${group.requestedBy}`],
      [
        'labels',
        Object.entries(group.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      ],
      ['id', group.id],
    ]),
    out.paint,
  );
}

const outputsText = ({ outputBytes, estimatedOutputBytes }: JobGroupWithAll['totals']): string =>
  estimatedOutputBytes === undefined || estimatedOutputBytes === outputBytes
    ? size(outputBytes)
    : `${size(outputBytes)}, about ${size(estimatedOutputBytes)} in all`;

function jobText(job: GridJobWithAll, context: Context): string {
  const { out, now } = context;
  const head = details(
    known([
      ['job', `${job.key} (${job.groupName}/${job.index})`],
      ['state', `${job.state}, ${relative(job.stateAt, now())}${job.isCancelling ? ', asked to end' : ''}`],
      ['why', reasonText(job)],
      ['project', job.project],
      ['backend', job.backend],
      ['image', job.template.image],
      ['takes', resourcesText(job.template)],
      ['outputs', job.outputBytes === undefined ? undefined : size(job.outputBytes)],
      ['reproduce', job.reproduce],
      ['id', job.id],
      ['group', job.groupId],
    ]),
    out.paint,
  );
  return [head, ...job.attempts.map((attempt) => attemptText(attempt, context))].join('\n\n');
}

function attemptText(attempt: JobAttempt, { out, now }: Context): string {
  const where = [attempt.batchId && `batch job ${attempt.batchId}`, attempt.node && `on ${attempt.node}`];
  const head = [`attempt ${attempt.number}: ${attempt.state}`, ...where, `took ${duration(attempt, now())}`];
  const lines = attempt.timeline.map(({ at, state, saidBy, reason }) => {
    const why = reason ? `  ${reason.fault}: ${reason.words}` : '';
    return `  ${relative(at, now()).padEnd(12)} ${state.padEnd(10)} said by ${saidBy}${why}`;
  });
  return `${out.paint('dim', plain(head.filter(Boolean).join(', ')))}\n${plain(lines.join('\n'))}`;
}
