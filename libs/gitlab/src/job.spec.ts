import { ciJob } from '#gitlab';

describe('a job of GitLab', () => {
  it('is read from its id and token alone, all else being empty', () => {
    const job = ciJob.parse({ id: 7, token: 'secret' });
    expect(job).toMatchObject({
      allow_git_fetch: false,
      job_info: { name: '', project_id: 0 },
      git_info: { refspecs: [], depth: 0 },
      runner_info: { timeout: 0 },
      variables: [],
      image: { name: '', entrypoint: [] },
      secrets: {},
      features: { token_mask_prefixes: [] },
    });
  });

  it('reads null as what is empty, at every depth', () => {
    const job = ciJob.parse({
      id: 7,
      token: 'secret',
      variables: [{ key: 'A', value: null, masked: null }],
      steps: [{ name: 'script', script: null, when: null, timeout: null }],
      image: null,
      services: null,
      dependencies: [{ id: 3, name: 'build', token: 't', artifacts_file: null }],
      cache: [null].slice(1),
      git_info: { sha: 'abc', refspecs: null, protected: null },
      features: null,
      secrets: null,
      run: null,
    });
    expect(job.variables).toEqual([
      { key: 'A', value: '', public: false, file: false, masked: false, raw: false },
    ]);
    expect(job.steps[0]).toEqual({ name: 'script', script: [], timeout: 0, when: '', allow_failure: false });
    expect(job.image.name).toBe('');
    expect(job.dependencies[0]?.artifacts_file).toEqual({ filename: '', size: 0 });
    expect(job.git_info).toMatchObject({ sha: 'abc', refspecs: [], protected: false });
  });

  it('takes an entrypoint, a command and a pull policy as a text or as a list', () => {
    const image = (value: unknown): unknown =>
      ciJob.parse({ id: 1, token: 't', image: { name: 'alma', entrypoint: value, command: value } }).image;
    expect(image('/bin/sh')).toMatchObject({ entrypoint: ['/bin/sh'], command: ['/bin/sh'] });
    expect(image(['a', 'b'])).toMatchObject({ entrypoint: ['a', 'b'], command: ['a', 'b'] });
    expect(image(null)).toMatchObject({ entrypoint: [], command: [] });
  });

  it('drops what it does not know, and reads what it read once again', () => {
    const job = ciJob.parse({ id: 7, token: 't', news: { a: 1 }, job_info: { name: 'x', more: true } });
    expect(job).not.toHaveProperty('news');
    expect(job.job_info).not.toHaveProperty('more');
    expect(ciJob.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
  });

  it('is none without an id and a token', () => {
    expect(ciJob.safeParse({ token: 't' }).success).toBe(false);
    expect(ciJob.safeParse({ id: 7, token: '' }).success).toBe(false);
  });
});
