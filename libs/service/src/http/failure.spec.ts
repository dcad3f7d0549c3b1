import { permanent, temporary } from '#errors';
import { HttpException } from '@nestjs/common';
import { failureOf } from './failure.js';

const statusOf = ({ temporary: mayPass, code }: { temporary: boolean; code: string }): number =>
  mayPass ? 503 : code === 'request.invalid' ? 422 : 500;
const told = (thrown: unknown) => failureOf(thrown, { statusOf, known: () => undefined });

describe('whoever asked for what failed', () => {
  it('is told what is their own fault, with its status', () => {
    expect(told(permanent('request.invalid', 'a name is missing'))).toMatchObject({
      problem: {
        type: 'about:blank',
        title: 'Unprocessable Entity',
        status: 422,
        code: 'request.invalid',
        detail: 'a name is missing',
      },
      headers: {},
    });
  });

  it('is not told of our own faults, which are to be logged', () => {
    const { problem, error } = told(permanent('ledger.broken', 'at 10.0.0.1'));
    expect(problem).toMatchObject({ status: 500, code: 'internal.unexpected' });
    expect(JSON.stringify(problem)).not.toContain('10.0.0.1');
    expect(error.message).toBe('at 10.0.0.1');
  });

  it.each([
    [temporary('bus.unavailable', 'at 10.0.0.1'), '5'],
    [temporary('database.unavailable', 'at 10.0.0.1', { retryAfterSeconds: 30 }), '30'],
  ])('is told to come again where a server does not answer, and not which one: %s', (thrown, seconds) => {
    const { problem, headers } = told(thrown);
    expect(problem).toMatchObject({ status: 503, code: thrown.code });
    expect(JSON.stringify(problem)).not.toContain('10.0.0.1');
    expect(headers).toEqual({ 'retry-after': seconds });
  });

  it('is told of the database by what it threw', () => {
    const { problem } = failureOf(new Error('ECONNREFUSED'), {
      statusOf,
      known: () => temporary('database.unavailable', 'no answer'),
    });
    expect(problem).toMatchObject({ status: 503, code: 'database.unavailable' });
  });

  it.each([
    [404, 'request.no_such_route'],
    [413, 'request.too_large'],
    [418, 'request.refused'],
    [502, 'internal.unexpected'],
  ])('is told what the server itself refuses with %d as %s', (status, code) => {
    expect(told(new HttpException('what it says', status)).problem).toMatchObject({
      status: status < 500 ? status : 500,
      code,
    });
  });
});
