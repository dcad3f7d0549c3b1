import { jobRequest, jobSubmit } from '#contracts';

const ids = {
  groupId: '6f1c2a0e-0b8e-4f5a-9d57-0d5c6a3f7a10',
  requestedBy: 'ada',
  requestedAt: '2026-11-22T08:00:00Z',
};

describe('a job request', () => {
  it('becomes what job.submit carries: bytes, seconds, one step', () => {
    const request = jobRequest.parse({
      project: 'higgs',
      script: ['make', 'make test'],
      resources: { cpus: 2, memory: '4 GiB', wallTime: '2h' },
    });
    const { template, items } = jobSubmit.schema.parse({ ...request, ...ids });
    expect(template.steps).toEqual([
      { name: 'script', script: 'make\nmake test', when: 'success', where: 'image', evenCancelled: false },
    ]);
    expect(template.resources).toMatchObject({ cpus: 2, memoryBytes: 2 ** 32, wallTimeSeconds: 7_200 });
    expect(items).toEqual([{ key: 'job', variables: {} }]);
  });

  it('makes one job of each dataset, and of each combination of a matrix', () => {
    const request = { project: 'higgs', script: 'true' };
    expect(jobRequest.parse({ ...request, over: ['/a', { SET: 'b', N: 2 }] }).items).toEqual([
      { key: '/a', variables: { ITEM: '/a' } },
      { key: 'SET=b N=2', variables: { SET: 'b', N: '2' } },
    ]);
    const { items } = jobRequest.parse({ ...request, matrix: { A: [1, 2], B: ['x', 'y'] } });
    expect(items.map(({ key }) => key)).toEqual(['A=1 B=x', 'A=1 B=y', 'A=2 B=x', 'A=2 B=y']);
  });

  it.each([
    [{ script: 'true', steps: [{ name: 'a', script: 'true' }] }, 'expected either script or steps'],
    [{ script: 'true', over: ['a'], matrix: { A: ['b'] } }, 'expected either over or matrix, not both'],
    [
      { script: 'true', matrix: { A: Array(200).fill(1), B: Array(200).fill(1) } },
      'makes 40000 jobs; a group has 20000 at most',
    ],
    [{ script: 'true', outputs: ['../secret'] }, 'expected a path that does not leave the directory'],
    [{ script: 'true', environment: { 'A B': '1' } }, 'expected a name of letters, digits and "_"'],
  ])('that makes no sense is refused: %j', (request, message) => {
    const { error } = jobRequest.safeParse({ project: 'higgs', ...request });
    expect(JSON.stringify(error?.issues)).toContain(JSON.stringify(message).slice(1, -1));
  });
});
