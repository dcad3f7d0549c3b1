import { Uses, type Use } from './uses.js';

describe('uses of secrets', () => {
  const use = { credential: 'hook', secret: 'one', purpose: 'source forge' };
  let now = 1_000_000_000_000;
  const made = (answer: () => Promise<void> = () => Promise.resolve()) => {
    const [said, failures]: [Use[], unknown[]] = [[], []];
    const uses = new Uses(
      (each) => (said.push(each), answer()),
      (error) => failures.push(error),
      () => now,
    );
    return { uses, said, failures };
  };

  it('are said once a minute of each secret, with the time of the use', () => {
    const { uses, said } = made();
    for (let n = 0; n < 1_000; n++) uses.note(use);
    uses.note({ ...use, secret: 'two' });
    expect(said.map(({ secret }) => secret)).toEqual(['one', 'two']);
    now += 60_000;
    uses.note(use);
    expect(said.at(-1)).toEqual({ ...use, at: new Date(now) });
  });

  it('are said again when the clock was set back', () => {
    const { uses, said } = made();
    uses.note(use);
    now -= 3_600_000;
    uses.note(use);
    expect(said).toHaveLength(2);
  });

  it('disturb nobody when they cannot be said, and are not said all the more often', async () => {
    const { uses, said, failures } = made(() => Promise.reject(new Error('no broker')));
    for (let n = 0; n < 10; n++) uses.note(use);
    await Promise.resolve();
    expect([said.length, failures.length]).toEqual([1, 1]);
  });
});
