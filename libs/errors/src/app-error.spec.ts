import { permanent, temporary, toAppError } from '#errors';

describe('toAppError', () => {
  it('keeps an AppError as it is', () => {
    const error = permanent('layer.path_escapes', 'the path leaves the tree');
    expect(toAppError(error)).toBe(error);
  });

  it('counts what nobody foresaw as temporary, so that a defect costs no message', () => {
    const cause = new TypeError('x is not a function');
    expect(toAppError(cause)).toMatchObject({
      code: 'internal.unexpected',
      temporary: true,
      level: 'error',
      cause,
    });
  });

  it('takes what is not even an error', () => {
    expect(toAppError('broken').message).toBe('broken');
  });
});

describe('AppError', () => {
  it('logs temporary errors as warnings and permanent ones as errors unless told otherwise', () => {
    expect(temporary('a.b', 'x').level).toBe('warn');
    expect(permanent('a.b', 'x').level).toBe('error');
    expect(permanent('a.b', 'x', { level: 'info' }).level).toBe('info');
  });
});
