import { messages } from '#contracts';
import { jobEvents } from '../src/api/job-events.js';

describe('the events of jobs and groups that the page hears', () => {
  it('are all there are', () => {
    const said = messages.filter(({ name, kind }) => kind === 'event' && /^(?:job|group)\./.test(name));
    expect([...jobEvents].sort()).toEqual(said.map(({ name }) => name).sort());
  });
});
