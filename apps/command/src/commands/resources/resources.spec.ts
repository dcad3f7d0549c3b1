import { withFields } from './fields.js';

describe('key=value', () => {
  it('puts a value of its YAML type where the dots lead, and leaves the rest', async () => {
    const spec = { name: 'a', limits: { cpus: 8 }, owners: ['jane'] };
    expect(
      await withFields(spec, [
        'limits.jobs=200',
        'owners=[jane, joe]',
        'url=https://a.org/b?c=d',
        'isPaused=true',
      ]),
    ).toEqual({
      name: 'a',
      limits: { cpus: 8, jobs: 200 },
      owners: ['jane', 'joe'],
      url: 'https://a.org/b?c=d',
      isPaused: true,
    });
    expect(spec).toEqual({ name: 'a', limits: { cpus: 8 }, owners: ['jane'] });
  });

  it('takes a field away where there is no value, and what it leaves empty', async () => {
    expect(
      await withFields({ name: 'a', limits: { cpus: 8 }, path: 'x/y' }, ['limits.cpus=', 'path=']),
    ).toEqual({ name: 'a' });
  });

  it.each(['novalue', '=x', 'a..b=1', '__proto__.x=1', 'a.constructor.b=1'])('is not "%s"', async (field) => {
    await expect(withFields({}, [field])).rejects.toThrow('is no key=value');
  });

  it('takes patterns and sentences as the text that they are', async () => {
    expect(await withFields({}, ['a=**', 'b=*.example.org', 'c=one: two: three'])).toEqual({
      a: '**',
      b: '*.example.org',
      c: 'one: two: three',
    });
  });

  it('tells of a value that is no YAML', async () => {
    await expect(withFields({}, ['a=[1'])).rejects.toThrow('is no YAML');
  });
});
