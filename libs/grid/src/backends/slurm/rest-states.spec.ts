import { type RestJob } from './rest-answers.js';
import { RestStates } from './rest-states.js';

const job = (own: number, state: string, changes: Partial<RestJob> = {}): RestJob => ({
  own,
  id: String(own),
  tasks: 'none',
  states: [state],
  reason: '',
  exitCode: 0,
  signal: 0,
  user: 'ada',
  comment: '',
  nodes: '',
  ...changes,
});

/** A slurmrestd that counts what it is asked. */
class Counted {
  jobs: RestJob[] = [];
  hasStates = true;
  asked: string[] = [];
  readonly states = async (): Promise<{ job_id: string; state: readonly string[] }[] | undefined> => {
    const listed = this.jobs.flatMap(({ own, tasks, states }) =>
      tasks === 'none'
        ? [{ job_id: String(own), state: states }]
        : tasks.numbers.map((task) => ({ job_id: `${own}_${task}`, state: states })),
    );
    return this.hasStates ? listed : undefined;
  };
  readonly job = async (id: string): Promise<RestJob[]> => {
    this.asked.push(id);
    return this.jobs.filter((one) => String(one.own) === id || one.id === id);
  };
  readonly all = async (): Promise<RestJob[]> => {
    this.asked.push('all');
    return this.jobs;
  };
  take(): string[] {
    return this.asked.splice(0);
  }
}

describe('the states of all jobs by slurmrestd', () => {
  let now = 0;
  let source: Counted;
  let states: RestStates;
  beforeEach(() => {
    now = 0;
    source = new Counted();
    states = new RestStates(() => now);
    source.jobs = [job(1, 'RUNNING'), job(2, 'PENDING'), job(3, 'PENDING')];
  });

  it('asks in full of those alone whose state is another', async () => {
    await states.jobs(source);
    expect(source.take()).toEqual(['all']);
    await states.jobs(source);
    expect(source.take()).toEqual([]);
    source.jobs[1] = job(2, 'RUNNING', { nodes: 'n7' });
    expect(await states.jobs(source)).toContainEqual(expect.objectContaining({ id: '2', nodes: 'n7' }));
    expect(source.take()).toEqual(['2']);
  });

  it('asks once of all where much has changed', async () => {
    await states.jobs(source);
    source.take();
    source.jobs = Array.from({ length: 20 }, (_, n) => job(n + 10, 'PENDING'));
    expect(await states.jobs(source)).toHaveLength(20);
    expect(source.take()).toEqual(['all']);
  });

  it('hears within a minute that somebody has put a job on hold', async () => {
    await states.jobs(source);
    source.jobs[1] = job(2, 'PENDING', { reason: 'JobHeldAdmin' });
    now += 59_000;
    expect(await states.jobs(source)).not.toContainEqual(expect.objectContaining({ reason: 'JobHeldAdmin' }));
    now += 1_000;
    expect(await states.jobs(source)).toContainEqual(expect.objectContaining({ reason: 'JobHeldAdmin' }));
  });

  it('takes the tasks that still wait from the short list, where none is left out', async () => {
    source.jobs = [job(5, 'PENDING', { tasks: { numbers: [0, 1, 2], open: false } })];
    await states.jobs(source);
    source.jobs = [
      job(5, 'PENDING', { tasks: { numbers: [1, 2], open: false } }),
      job(6, 'RUNNING', { id: '5', tasks: { numbers: [0], open: false } }),
    ];
    expect(await states.jobs(source)).toMatchObject([
      { id: '5', tasks: { numbers: [1, 2] }, states: ['PENDING'] },
      { id: '5', tasks: { numbers: [0] }, states: ['RUNNING'] },
    ]);
  });

  it('forgets jobs that are no more', async () => {
    await states.jobs(source);
    source.jobs = [job(3, 'PENDING')];
    expect(await states.jobs(source)).toHaveLength(1);
  });

  it('does without the short list where a server has none', async () => {
    source.hasStates = false;
    expect(await states.jobs(source)).toHaveLength(3);
  });
});
