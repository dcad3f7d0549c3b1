import { ciJob } from '#gitlab';
import { hasDebugTrace } from './debug-trace.js';

const asked = (...values: readonly string[]): boolean =>
  hasDebugTrace(
    ciJob.parse({ id: 1, token: 't', variables: values.map((value) => ({ key: 'CI_DEBUG_TRACE', value })) }),
  );

it('shows what the shell does where the last variable of that name says so', () => {
  expect([asked('true'), asked('1'), asked('False', 'True')]).toEqual([true, true, true]);
  expect([asked(), asked('false'), asked('true', 'no')]).toEqual([false, false, false]);
});
