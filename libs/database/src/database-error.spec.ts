import { databaseError } from './database-error.js';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more });

describe('an error of the database', () => {
  it.each(['57P01', '57P03', '08006', '53300', '40001', '40P01', 'ECONNREFUSED', 'ECONNRESET'])(
    'with the code %s passes',
    (code) => {
      expect(databaseError(withCode(code))).toMatchObject({ code: 'database.unavailable', temporary: true });
    },
  );

  it('of a connection that broke passes, whoever says it', () => {
    const released = Object.assign(new Error('x'), { name: 'QueryRunnerAlreadyReleasedError' });
    for (const error of [released, new Error('Connection terminated unexpectedly')])
      expect(databaseError(error)).toMatchObject({ temporary: true });
  });

  it('that refuses a statement does not pass, and is told without it', () => {
    const error = databaseError(withCode('42P01', { severity: 'ERROR' }));
    expect(error).toMatchObject({ code: 'database.refused', temporary: false });
  });

  it('is none of another kind', () => {
    expect(databaseError(new TypeError('x is not a function'))).toBeUndefined();
    expect(databaseError('x')).toBeUndefined();
  });
});
