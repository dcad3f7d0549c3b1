import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { stringify } from 'yaml';
import { type ControlProps, inputProps } from './control-props.js';
import { readYaml, UnreadText } from './yaml-text.js';

/** For what only its reader knows the fields of: as YAML. What cannot be read is said by line once the field is left. */
export function YamlControl(props: ControlProps) {
  const { value, onChange, error } = props;
  const [text, setText] = useState(() => textOf(value));
  const [isLeft, setLeft] = useState(false);
  const fault = value instanceof UnreadText && isLeft ? value.fault : undefined;
  return (
    <Textarea
      {...inputProps(props)}
      error={error ?? fault}
      placeholder="name: value"
      value={text}
      autosize
      minRows={3}
      maxRows={20}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        setLeft(false);
        onChange(valueOf(currentTarget.value));
      }}
      onBlur={() => setLeft(true)}
    />
  );
}

function textOf(value: unknown): string {
  if (value instanceof UnreadText) return value.text;
  return value === undefined ? '' : stringify(value);
}

function valueOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  const read = readYaml(text);
  return 'fault' in read ? new UnreadText(text, read.fault) : read.value;
}
