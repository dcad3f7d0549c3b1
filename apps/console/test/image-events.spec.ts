import { messages } from '#contracts';
import { imageEvents } from '../src/api/image-events.js';

describe('the events of images that the page hears', () => {
  it('are all there are', () => {
    const said = messages.filter(({ name, kind }) => kind === 'event' && name.startsWith('image.'));
    expect([...imageEvents].sort()).toEqual(said.map(({ name }) => name).sort());
  });
});
