import { Button, FileButton, Group, Switch, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';

/** Its field is called `secret`, as the API’s issues name it; the caller keeps what was typed. */
export interface SecretInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly error: string | undefined;
}

/** A secret on its way in, typed or from a file: proxies and keys have many lines, which a password field would drop. */
export function SecretInput({ value, onChange, label, description, isRequired, error }: SecretInputProps) {
  const [isShown, setShown] = useState(false);
  return (
    <div>
      <Textarea
        label={label}
        description={description}
        required={isRequired}
        error={error}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={1}
        maxRows={8}
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        data-path="secret"
        classNames={{ input: isShown ? 'mono' : 'mono masked' }}
      />
      <Group mt="xs" gap="md">
        <Switch
          size="xs"
          label="Show while typing"
          checked={isShown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        <FileButton onChange={(file) => void file?.text().then((text) => onChange(text.trimEnd()))}>
          {(props) => (
            <Button {...props} size="compact-sm" variant="subtle" leftSection={<IconFileUpload size={15} />}>
              From a file
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  );
}
