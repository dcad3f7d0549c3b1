import {
  Autocomplete,
  Button,
  CloseButton,
  Fieldset,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { resourceOfKind } from '../api/kinds.js';
import { listQuery } from '../api/resources.js';
import type { ControlProps } from './control-props.js';

const places = [
  { value: 'credential', label: 'credential kept here' },
  { value: 'file', label: 'file of the service' },
  { value: 'env', label: 'environment variable' },
] as const;

type Place = (typeof places)[number]['value'];

/** Where a secret is; the secret itself is never written here. */
export function SecretControl({ field, value, onChange, error }: ControlProps) {
  return (
    <Fieldset legend={field.label + (field.isRequired ? ' *' : '')} data-path={field.path.join('.')}>
      <About text={field.help} error={error} />
      <SecretPlace value={value} onChange={onChange} label={field.label} />
    </Fieldset>
  );
}

/** Several secrets, any of which counts. */
export function SecretsControl({ field, value, onChange, error }: ControlProps) {
  const written = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const shown = written.length === 0 ? [undefined] : written;
  const set = (next: readonly unknown[]): void => onChange(next.length === 0 ? undefined : next);
  return (
    <Fieldset legend={field.label + (field.isRequired ? ' *' : '')} data-path={field.path.join('.')}>
      <About text={field.help} error={error} />
      <Stack gap="sm">
        {shown.map((each, index) => (
          // Their order is all that tells them apart.
          // oxlint-disable-next-line react/no-array-index-key
          <Group key={index} align="flex-end" gap="xs" wrap="nowrap">
            <SecretPlace
              value={each}
              label={`${field.label} ${index + 1}`}
              onChange={(next) =>
                set(next === undefined ? written.filter((_, at) => at !== index) : shown.with(index, next))
              }
            />
            {written.length > 1 && (
              <CloseButton
                aria-label={`Take out ${field.label} ${index + 1}`}
                onClick={() => set(written.filter((_, at) => at !== index))}
              />
            )}
          </Group>
        ))}
        <Button
          variant="subtle"
          size="xs"
          w="fit-content"
          leftSection={<IconPlus size={14} />}
          onClick={() => set([...written, { credential: '' }])}
        >
          Another
        </Button>
      </Stack>
    </Fieldset>
  );
}

interface SecretPlaceProps {
  readonly value: unknown;
  readonly label: string;
  readonly onChange: (value: unknown) => void;
}

function SecretPlace({ value, label, onChange }: SecretPlaceProps) {
  const [place, text] = partsOf(value);
  const { data } = useInfiniteQuery(listQuery(resourceOfKind('credential'), {}));
  const names = (data?.pages ?? []).flatMap(({ items }) => items.map(({ name }) => name));
  const set = (next: string): void => onChange(next === '' ? undefined : { [place]: next });
  const shared = { 'aria-label': `${label}: ${place}`, value: text, flex: '2 1 160px' };
  return (
    <Group gap="xs" flex={1}>
      <NativeSelect
        aria-label={`${label}: where it is`}
        data={[...places]}
        value={place}
        flex="1 1 150px"
        onChange={(event) => onChange({ [event.currentTarget.value]: '' })}
      />
      {place === 'credential' ? (
        <Autocomplete
          {...shared}
          onChange={set}
          data={[...new Set(names)]}
          placeholder="name of a credential"
        />
      ) : (
        <TextInput
          {...shared}
          onChange={(event) => set(event.currentTarget.value)}
          placeholder={place === 'file' ? '/run/secrets/name' : 'NAME'}
        />
      )}
    </Group>
  );
}

function partsOf(value: unknown): readonly [Place, string] {
  const [entry] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const place = places.find((one) => one.value === entry?.[0])?.value ?? 'credential';
  return [place, entry ? String(entry[1]) : ''];
}

function About({
  text,
  error,
}: {
  readonly text: string | undefined;
  readonly error: ControlProps['error'];
}) {
  return (
    <>
      {text && (
        <Text fz="sm" c="dimmed" mb="xs">
          {text}
        </Text>
      )}
      {error && (
        <Text fz="sm" c="var(--mantine-color-error)" mb="xs" role="alert">
          {error}
        </Text>
      )}
    </>
  );
}
