import { contentKey, eventId } from './event-id.js';

describe('an event’s id', () => {
  it('is a UUID of version 8 that its source, key and place decide', () => {
    const id = eventId('gitlab', 'key', 0);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(eventId('gitlab', 'key', 0)).toBe(id);
    const others = [eventId('harbor', 'key', 0), eventId('gitlab', 'key2', 0), eventId('gitlab', 'key', 1)];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('does not mix up what belongs to the source and what to the key', () => {
    expect(eventId('a', 'bc', 0)).not.toBe(eventId('ab', 'c', 0));
    expect(eventId('a', '1', 11)).not.toBe(eventId('a', '11', 1));
  });

  it('stays what it is from version to version: consumers remember it', () => {
    expect(eventId('gitlab', 'key', 0)).toBe('62373d24-d9d2-8fb2-bd23-62da33c17de5');
    expect(contentKey('{}')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});
