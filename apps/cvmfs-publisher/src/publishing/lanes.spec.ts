import { cvmfsRepositoryResource, type CvmfsRepositorySettings } from '#contracts';
import type { Lane } from './lane.js';
import { Lanes } from './lanes.js';

const settings = (name: string, more: object = {}): CvmfsRepositorySettings =>
  cvmfsRepositoryResource.schema.parse({ name, ...more });

/** A lane that only notes what it is told, and finishes when the test says so. */
class NotedLane {
  readonly told: string[] = [];
  end: () => void = () => {};

  constructor(readonly repository: CvmfsRepositorySettings) {}

  start(): void {
    this.told.push('start');
  }
  wake(): void {
    this.told.push('wake');
  }
  finish(): Promise<void> {
    this.told.push('finish');
    return new Promise((resolve) => (this.end = resolve));
  }
  stop(): Promise<void> {
    this.told.push('stop');
    return Promise.resolve();
  }
}

describe('lanes', () => {
  let made: NotedLane[];
  let lanes: Lanes;
  const told = (): string[][] => made.map((lane) => lane.told);

  beforeEach(() => {
    made = [];
    const log = { info() {}, warn() {}, error() {} };
    lanes = new Lanes((repository) => {
      if (repository.name === 'broken.example.org') throw new Error('no driver');
      made.push(new NotedLane(repository));
      return made.at(-1) as unknown as Lane;
    }, log);
  });

  it('are started together, and one by one when they come later', () => {
    lanes.follow([settings('a.example.org')]);
    expect(told()).toEqual([[]]);
    lanes.start();
    lanes.follow([settings('a.example.org'), settings('b.example.org')]);
    lanes.wake();
    expect(told()).toEqual([
      ['start', 'wake'],
      ['start', 'wake'],
    ]);
  });

  it('stay as they are when nothing about them changes', () => {
    lanes.start();
    lanes.follow([settings('a.example.org')]);
    lanes.follow([settings('a.example.org', { gracePeriod: '7d' })]);
    const count = made.length;
    lanes.follow([settings('a.example.org', { gracePeriod: '168h' })]);
    expect(made).toHaveLength(count);
  });

  it('finish and are followed by one with the new settings; a removed one is followed by none', () => {
    lanes.start();
    lanes.follow([settings('a.example.org'), settings('b.example.org')]);
    lanes.follow([settings('a.example.org', { gracePeriod: '9d' })]);
    expect(told()).toEqual([['start', 'finish'], ['start', 'finish'], ['start']]);
    expect(made[2]?.repository.gracePeriod).toBe(9 * 86_400_000);
    lanes.wake();
    expect(told()[0]).toEqual(['start', 'finish']);
  });

  it('are all stopped in the end, those included that are still finishing', async () => {
    lanes.start();
    lanes.follow([settings('a.example.org'), settings('b.example.org')]);
    lanes.follow([settings('b.example.org', { gracePeriod: '9d' })]);
    made[0]?.end();
    await new Promise((resolve) => setImmediate(resolve));
    await lanes.stop();
    expect(told()).toEqual([
      ['start', 'finish'],
      ['start', 'finish', 'stop'],
      ['start', 'stop'],
    ]);
  });

  it('go on when one that comes later cannot be made; at the start it is told', () => {
    expect(() => lanes.follow([settings('broken.example.org')])).toThrow('no driver');
    lanes.start();
    lanes.follow([settings('a.example.org'), settings('broken.example.org')]);
    expect(told()).toEqual([['start']]);
  });
});
