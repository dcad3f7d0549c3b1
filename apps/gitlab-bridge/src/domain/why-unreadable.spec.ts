import { whyUnreadable } from './why-unreadable.js';

describe('a job that cannot be read', () => {
  it.each([
    [{ variables: 'hunter2' }, 'variables: expected a list, got text'],
    [{ variables: [{ value: 'hunter2' }] }, 'variables.0.key: is missing: expected text'],
    [
      { steps: [{ script: 'hunter2' }], git_info: { depth: 'hunter2' } },
      'git_info.depth: expected a number, got text; steps.0.script: expected a list, got text',
    ],
    [
      { image: { entrypoint: 3 }, job_info: 'hunter2' },
      'job_info: expected fields, got text; image.entrypoint: is not of a form that is known here',
    ],
  ])('is told of in words, without what stands in it: %j', (fields, words) => {
    expect(whyUnreadable({ id: 9, token: 'hunter2', ...fields })).toBe(words);
  });
});
