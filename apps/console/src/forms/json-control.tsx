import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { type ControlProps, inputProps } from './control-props.js';
import { readJson, UnreadText } from './json-text.js';

/** For what only its reader knows the fields of: as JSON. What does not parse is said by line once the field is left. */
export function JsonControl(props: ControlProps) {
  const { value, onChange, error } = props;
  const [text, setText] = useState(() => textOf(value));
  const [isLeft, setLeft] = useState(false);
  const fault = value instanceof UnreadText && isLeft ? value.fault : undefined;
  return (
    <Textarea
      {...inputProps(props)}
      error={error ?? fault}
      placeholder='{ "name": "value" }'
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
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}

function valueOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  const read = readJson(text);
  return 'fault' in read ? new UnreadText(text, read.fault) : read.value;
}
