import type { JobGroupWithAll } from '#api';
import { Anchor, Badge, Group } from '@mantine/core';
import { Link } from 'react-router';
import { amount, bytes, seconds } from '../parts/amounts.js';
import { type Fact, Facts } from '../parts/facts.js';
import { When } from '../parts/when.js';
import { GroupStateBadge } from './states.js';

/** Where it belongs, who wanted it, and what its jobs came to. */
export function GroupFacts({ group }: { readonly group: JobGroupWithAll }) {
  const { state, project, backend, user, identity, requestedBy, requestedAt, finishedAt } = group;
  const { runningAtOnce, labels } = group;
  return (
    <Facts
      facts={[
        { label: 'State', value: <GroupStateBadge state={state} /> },
        { label: 'Project', value: <To path={`/projects/${project}`} name={project} /> },
        ...given('Backend', backend, (name) => <To path={`/backends/${name}`} name={name} />),
        { label: 'Handed in by', value: requestedBy },
        ...given('Runs for', user, (name) => name),
        ...given('Identity mapping', identity, (name) => (
          <To path={`/identity-mappings/${name}`} name={name} />
        )),
        { label: 'Handed in', value: <When at={requestedAt} /> },
        ...given('Finished', finishedAt, (at) => <When at={at} />),
        ...given('At once at most', runningAtOnce, (most) => `${amount(most)} running`),
        ...(state === 'refused' ? [] : totals(group)),
        ...(Object.keys(labels ?? {}).length === 0
          ? []
          : [{ label: 'Labels', value: <Labels labels={labels ?? {}} /> }]),
      ]}
    />
  );
}

function totals({ totals: sums, state }: JobGroupWithAll): readonly Fact[] {
  const isMoving = state === 'active';
  return [
    { label: 'Logs', value: `${amount(sums.logLines)} lines, ${bytes(sums.logBytes)}` },
    { label: isMoving ? 'Outputs so far' : 'Outputs', value: bytes(sums.outputBytes) },
    ...(isMoving
      ? given('Outputs of all, estimated', sums.estimatedOutputBytes, (all) => `≈ ${bytes(all)}`)
      : []),
    ...given('CPU time', sums.cpuSeconds, seconds),
    ...(isMoving ? given('End, estimated', sums.estimatedEnd, (at) => <When at={at} isRelative />) : []),
  ];
}

/** A fact, where it is known. */
export function given<T>(
  label: string,
  value: T | undefined,
  show: (value: T) => Fact['value'],
): readonly Fact[] {
  return value === undefined ? [] : [{ label, value: show(value) }];
}

/** A link inside a list of facts. */
export function To({ path, name }: { readonly path: string; readonly name: string }) {
  return (
    <Anchor component={Link} to={path}>
      {name}
    </Anchor>
  );
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <Group gap={6} component="span">
      {Object.entries(labels).map(([name, value]) => (
        <Badge key={name} color="gray">
          {name}: {value}
        </Badge>
      ))}
    </Group>
  );
}
