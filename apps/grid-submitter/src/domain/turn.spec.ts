import { type Candidate, type InFlight, type Question, whoseTurn } from './turn.js';

const candidate = (project: string, lastTurn?: number): Candidate => ({
  groupId: `of-${project}`,
  project,
  lastTurn,
});
const at =
  (backend: string) =>
  (project: string, jobs: number): InFlight => ({ backend, project, jobs });
const here = at('pool');

const turn = (given: Partial<Question>): { project: string; most: number } | undefined => {
  const found = whoseTurn({
    backend: 'pool',
    jobs: 100,
    candidates: [candidate('a')],
    inFlight: [],
    limitOf: () => 1_000,
    ...given,
  });
  return found && { project: found.candidate.project, most: found.most };
};

describe('whose turn it is', () => {
  it('gives who is alone all that is free, within the limits of the backend and of the project', () => {
    expect(turn({})).toEqual({ project: 'a', most: 100 });
    expect(turn({ inFlight: [here('b', 90)] })).toEqual({ project: 'a', most: 10 });
    expect(turn({ limitOf: () => 7, inFlight: [here('a', 2), at('else')('a', 4)] })).toEqual({
      project: 'a',
      most: 1,
    });
  });

  it('is nobody’s where the backend is full, the projects are, or nothing waits', () => {
    expect(turn({ inFlight: [here('b', 100)] })).toBeUndefined();
    expect(turn({ limitOf: () => 5, inFlight: [at('else')('a', 5)] })).toBeUndefined();
    expect(turn({ candidates: [] })).toBeUndefined();
  });

  it('lets a project that is registered no more wait', () => {
    expect(turn({ limitOf: () => undefined })).toBeUndefined();
  });

  it('is that of the project with the fewest jobs there, for its part of what is free', () => {
    const candidates = [candidate('many'), candidate('few')];
    expect(turn({ candidates, inFlight: [here('many', 60)] })).toEqual({ project: 'few', most: 20 });
  });

  it('is that of who had none for the longest, among equals', () => {
    const candidates = [candidate('a', 2_000), candidate('b', 1_000)];
    expect(turn({ jobs: 1, candidates })).toEqual({ project: 'b', most: 1 });
    expect(turn({ jobs: 1, candidates: [...candidates, candidate('new')] })).toEqual({
      project: 'new',
      most: 1,
    });
  });

  it('does not count a project that may have no more among those who share', () => {
    const candidates = [candidate('a'), candidate('full')];
    const limitOf = (project: string): number => (project === 'full' ? 10 : 1_000);
    expect(turn({ candidates, limitOf, inFlight: [here('full', 10)] })).toEqual({ project: 'a', most: 90 });
  });
});
