import { Alert, Button, Group, Paper, Radio, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Stored } from '../api/resources.js';
import { labelOf } from '../forms/fields.js';
import { shownValue } from '../forms/shown-value.js';
import { type Conflict, conflictsOf, resolved, type Spec } from '../forms/values.js';
import { When } from '../parts/when.js';

/** `onResolved` gets theirs with my choices in it; saving that, on their version, is the caller's part. */
export interface ConflictPanelProps {
  /** What I began with. */
  readonly base: Spec;
  readonly mine: Spec;
  /** What is there now. */
  readonly theirs: Stored;
  readonly onResolved: (spec: Spec) => void;
  readonly onCancel: () => void;
}

/** Two changed the same thing: shows what differs, and lets one choose field by field. Nothing is lost unasked. */
export function ConflictPanel({ base, mine, theirs, onResolved, onCancel }: ConflictPanelProps) {
  const conflicts = useMemo(() => conflictsOf(base, mine, theirs.spec), [base, mine, theirs]);
  const [choices, setChoices] = useState(() => conflicts.map((one) => (isMine(one) ? 'mine' : 'theirs')));
  return (
    <Stack>
      <Alert role="alert" color="yellow" icon={<IconGitMerge />} title="Somebody else changed it meanwhile">
        <Text fz="sm">
          {theirs.by} saved version {theirs.version} <When at={theirs.at} isRelative />. Nothing of yours is
          saved yet.{' '}
          {conflicts.length === 0 ? 'Both say the same.' : 'Choose what shall stand, field by field:'}
        </Text>
      </Alert>
      {conflicts.map((conflict, index) => {
        const { path, isContested } = conflict;
        return (
          <Paper key={path.join('.')} p="md">
            <Radio.Group
              label={path.map(labelOf).join(' › ')}
              description={
                isContested
                  ? `Both of you changed it; it was: ${shownValue(conflict.base)}`
                  : isMine(conflict)
                    ? 'Only you changed it.'
                    : 'Only they changed it.'
              }
              value={choices[index]}
              onChange={(choice) => setChoices(choices.with(index, choice))}
            >
              <Stack gap="xs" mt="sm">
                <Radio value="mine" label={`Yours: ${shownValue(conflict.mine)}`} className="breakable" />
                <Radio
                  value="theirs"
                  label={`Theirs: ${shownValue(conflict.theirs)}`}
                  className="breakable"
                />
              </Stack>
            </Radio.Group>
          </Paper>
        );
      })}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Drop my changes
        </Button>
        <Button
          onClick={() => onResolved(resolved(theirs.spec, conflicts, (index) => choices[index] === 'mine'))}
        >
          Continue with these
        </Button>
      </Group>
    </Stack>
  );
}

/** Whether I alone changed it, or both did: then mine is proposed, for it is what was about to be saved. */
const isMine = ({ base, mine }: Conflict): boolean => shownValue(base) !== shownValue(mine);
