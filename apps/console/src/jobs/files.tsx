import type { GridJobWithAll, JobAttempt } from '#api';
import { Anchor, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { archiveAddress, outputAddress, outputsQuery } from '../api/attempts.js';
import { bytes } from '../parts/amounts.js';
import { DataTable } from '../parts/data-table.js';
import { Loading } from '../parts/loading.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { isOver } from './states.js';

type Input = GridJobWithAll['template']['inputs'][number];

/** What the job's template names; the attempt alone knows what of it came. */
export interface InputsProps {
  readonly inputs: readonly Input[];
  /** Whose inputs they are: it says how large those were that it fetched. */
  readonly attempt: JobAttempt;
}

/** What it is given before its steps begin. */
export function Inputs({ inputs, attempt }: InputsProps) {
  const rows = inputs.map((input, index) => ({ ...input, came: attempt.usage?.inputBytes?.[index] }));
  return (
    <Stack component="section" gap="sm">
      <Title order={2} fz={18}>
        Inputs
      </Title>
      {inputs.length === 0 ? (
        <Text c="dimmed">It is given no files.</Text>
      ) : (
        <DataTable
          caption="Inputs"
          rows={rows}
          keyOf={({ path }) => path}
          columns={[
            { header: 'File', cell: ({ path }) => <Code className="breakable">{path}</Code> },
            { header: 'From', cell: (input) => <From input={input} /> },
            {
              header: 'SHA-256',
              cell: ({ sha256 }) => (sha256 === undefined ? '—' : `${sha256.slice(0, 12)}…`),
            },
            { header: 'Size', cell: (input) => sizeOf(input, attempt), isNumeric: true },
          ]}
        />
      )}
    </Stack>
  );
}

function From({ input: { url, outputsOf } }: { readonly input: Input }) {
  if (outputsOf !== undefined) {
    const { jobId, groupId, path } = outputsOf;
    const whose = jobId === undefined ? `the group ${groupId}` : `the job ${jobId}`;
    return `what ${whose} brought back${path === undefined ? '' : `, below ${path}`}`;
  }
  if (url === undefined) return 'the request itself';
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" className="breakable">
      {url}
    </Anchor>
  );
}

/** Where it is fetched, the job knows, and says so with its last word. */
function sizeOf(
  { content, came }: Input & { readonly came: number | null | undefined },
  { state }: JobAttempt,
) {
  if (content !== undefined) return bytes(new TextEncoder().encode(content).length);
  if (typeof came === 'number') return bytes(came);
  return isOver(state) ? 'not told' : 'told at its end';
}

/** What an attempt brought back. */
export function Outputs({
  attempt,
  wanted,
}: {
  readonly attempt: JobAttempt;
  readonly wanted: readonly string[];
}) {
  const isThere = attempt.outputBytes !== undefined;
  const { data, error, isLoading } = useQuery(outputsQuery(attempt.id, isThere));
  return (
    <Stack component="section" gap="sm">
      <Group justify="space-between" gap="sm">
        <Title order={2} fz={18}>
          Outputs
        </Title>
        {data && (
          <Button
            size="xs"
            variant="default"
            component="a"
            href={archiveAddress(attempt.id)}
            download
            leftSection={<IconDownload size={15} />}
          >
            All of them, {bytes(data.bytes)}
          </Button>
        )}
      </Group>
      {error && <ProblemAlert error={error} />}
      {isLoading && <Loading what="the outputs" />}
      {!isThere && <Text c="dimmed">{noneWords(attempt, wanted)}</Text>}
      {data && (
        <DataTable
          caption="Outputs"
          rows={data.files}
          keyOf={({ path }) => path}
          columns={[
            {
              header: 'File',
              cell: ({ path }) => (
                <Anchor href={outputAddress(attempt.id, path)} download className="breakable">
                  {path}
                </Anchor>
              ),
            },
            { header: 'Size', cell: (file) => bytes(file.bytes), isNumeric: true },
          ]}
        />
      )}
    </Stack>
  );
}

function noneWords({ state }: JobAttempt, wanted: readonly string[]): string {
  if (wanted.length === 0) return 'It is to bring nothing back.';
  return isOver(state) ? 'It brought nothing back.' : `It will bring back ${wanted.join(', ')}.`;
}
