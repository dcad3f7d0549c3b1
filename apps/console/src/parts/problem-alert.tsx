import { Alert, Button, List, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { asProblem, shownPath } from '../api/problem.js';

/** Whatever was thrown: what is no problem of the API's is told too. With `again` one can try once more. */
export interface ProblemAlertProps {
  readonly error: unknown;
  /** What was tried, e.g. `The rule was not saved`; the API's title stands there unless told. */
  readonly title?: string;
  readonly again?: () => void;
}

/** What went wrong, in the API's own words. */
export function ProblemAlert({ error, title, again }: ProblemAlertProps) {
  const problem = asProblem(error);
  const detail = problem.detail ?? (title === undefined ? undefined : problem.title);
  const { errors = [] } = problem;
  // The API's words for fields are made of what it says of each.
  const isSaidByFields = errors.some(
    ({ path, message }) => detail?.startsWith(path.join('.')) === true && detail.includes(message),
  );
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertCircle />}
      title={title ?? problem.title}
      className="breakable"
      mb="md"
    >
      {detail && !isSaidByFields && <Text fz="sm">{detail}</Text>}
      {errors.length > 0 && (
        <List fz="sm" mt="xs">
          {errors.map(({ path, message }) => (
            <List.Item key={`${shownPath(path)} ${message}`}>
              <b>{shownPath(path)}</b> {message}
            </List.Item>
          ))}
        </List>
      )}
      {again && (
        <Button size="xs" variant="default" mt="sm" onClick={again}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
