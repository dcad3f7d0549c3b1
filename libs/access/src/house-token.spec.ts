import { houseTokens, type Identity } from '#access';
import { openKeyRing } from '#secrets';

const ring = openKeyRing(`a:${Buffer.alloc(32, 1).toString('base64')}`);
const ada: Identity = {
  subject: 'sub-1',
  name: 'ada',
  via: 'session',
  role: 'member',
  groups: ['atlas'],
  onlyProjects: ['higgs'],
};

describe('a house token', () => {
  it('says who asks, and not by which session', () => {
    const { issue, open } = houseTokens(ring);
    expect(open(`Slipway ${issue({ ...ada, session: 's' })}`)).toEqual(ada);
  });

  it('is good for a minute', () => {
    let now = 0;
    const { issue, open } = houseTokens(ring, () => now);
    const header = `Slipway ${issue(ada)}`;
    now = 60_001;
    expect(() => open(header)).toThrow('ask at the registry');
  });

  it.each([undefined, '', 'Slipway', 'Slipway x', 'Bearer abc'])(
    'is refused when it is none: %s',
    (header) => {
      expect(() => houseTokens(ring).open(header)).toThrow('ask at the registry');
    },
  );

  it('of another house is refused', () => {
    const other = openKeyRing(`a:${Buffer.alloc(32, 2).toString('base64')}`);
    const header = `Slipway ${houseTokens(other).issue(ada)}`;
    expect(() => houseTokens(ring).open(header)).toThrow('ask at the registry');
  });

  it('is none that was sealed for something else', () => {
    const header = `Slipway ${ring.seal('anything', 'worker')}`;
    expect(() => houseTokens(ring).open(header)).toThrow('ask at the registry');
  });
});
