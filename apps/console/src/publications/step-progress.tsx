import type { PublicationProgress } from '#api';
import { Group, Progress, Text } from '@mantine/core';
import { amount, bytes } from '../parts/amounts.js';

const words: Readonly<Record<string, string>> = {
  resolve: 'Asking the registry',
  fetch: 'Fetching layers',
  unpack: 'Unpacking',
  transaction: 'Opening the CVMFS transaction',
  publish: 'Publishing on CVMFS',
  'clean-up': 'Cleaning up',
};

/** What people call a step of publishing; the publisher's own word where it is a new one. */
export const stepWords = (step: string): string => words[step] ?? step;

/** A step that is not the current one is shown as done, whatever it told last. */
export interface StepProgressProps {
  readonly progress: PublicationProgress;
  readonly isCurrent: boolean;
}

/** One step and how far it is, in bytes and files; without an end where nobody knows the end. */
export function StepProgress({ progress, isCurrent }: StepProgressProps) {
  const share = isCurrent ? shareOf(progress) : 1;
  const label = stepWords(progress.step);
  const done = doneWords(progress);
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text component="span" fz="sm" fw={isCurrent ? 600 : 400}>
          {label}
        </Text>
        <Text component="span" fz="sm" c="dimmed" className="numeric">
          {done}
        </Text>
      </Group>
      <Progress.Root size="sm" transitionDuration={200}>
        <Progress.Section
          value={(share ?? 1) * 100}
          color={isCurrent ? (share === undefined ? 'harbour.4' : 'harbour.6') : 'green.7'}
          animated={isCurrent && share === undefined}
          striped={isCurrent && share === undefined}
          aria-label={label}
          aria-valuetext={done || (isCurrent ? 'under way' : 'done')}
        />
      </Progress.Root>
    </div>
  );
}

function shareOf({ bytesDone, bytesTotal, filesDone, filesTotal }: PublicationProgress): number | undefined {
  if (bytesTotal !== undefined && bytesTotal > 0) return Math.min((bytesDone ?? 0) / bytesTotal, 1);
  if (filesTotal !== undefined && filesTotal > 0) return Math.min((filesDone ?? 0) / filesTotal, 1);
  return undefined;
}

/** `1.2 MB of 40.0 MB · 1 204 files` */
function doneWords({ bytesDone, bytesTotal, filesDone, filesTotal }: PublicationProgress): string {
  const parts = [
    bytesDone !== undefined &&
      (bytesTotal === undefined ? bytes(bytesDone) : `${bytes(bytesDone)} of ${bytes(bytesTotal)}`),
    bytesDone === undefined && bytesTotal !== undefined && bytes(bytesTotal),
    filesDone !== undefined &&
      (filesTotal === undefined
        ? `${amount(filesDone)} files`
        : `${amount(filesDone)} of ${amount(filesTotal)} files`),
  ];
  return parts.filter((part) => part !== false).join(' · ');
}
