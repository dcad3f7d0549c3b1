import { extraCommands } from './extra-commands.js';

const allowed = ['+DesiredSites', 'requirements', 'rank', 'queue', 'Executable', '+Owner', 'MY.SlipwayHouse'];
const take = (batch: Record<string, string>): ReturnType<typeof extraCommands> =>
  extraCommands(batch, allowed);
const refusal = expect.objectContaining({ code: 'grid.refused', temporary: false }) as Error;

describe('a job’s further submit commands', () => {
  it('are taken as they are written, where the backend allows them', () => {
    expect(take({ '+DesiredSites': '"CERN, FNAL"', Rank: 'Memory' })).toEqual({
      lines: ['+DesiredSites = "CERN, FNAL"', 'Rank = Memory'],
      requirements: undefined,
    });
  });

  it('are refused where the backend does not name them', () => {
    expect(() => take({ request_gpus: '1' })).toThrow(refusal);
    expect(() => take({ DesiredSites: '"CERN"' })).toThrow(refusal);
  });

  it.each([
    ['what runs', 'executable', '/bin/evil'],
    ['the words of the language', 'queue', '5'],
    ['another owner', '+owner', '"root"'],
    ['another owner, written otherwise', 'MY.Owner', '"root"'],
    ['what the house finds its jobs by', 'my.slipwayhouse', '"other"'],
  ])('are refused for %s, whatever the backend allows', (_, name, value) => {
    expect(() => take({ [name]: value })).toThrow(refusal);
  });

  it.each([
    ['a line break', 'Memory\nqueue 5'],
    ['a carriage return', 'Memory\rqueue 5'],
    ['another line break of Unicode', 'Memory\u2028queue 5'],
    ['a value that goes on in the next line', 'Memory \\'],
    ['one that goes on, with a space behind it', 'Memory \\ '],
    ['a macro', '$(LOCAL_DIR)'],
    ['a variable of the submitter’s environment', '$ENV(HOME)'],
  ])('are refused with %s in the value', (_, value) => {
    expect(() => take({ rank: value })).toThrow(refusal);
  });

  it.each(['rank\nqueue', 'rank = 1\nqueue', 'ra nk', '+', '', 'if', 'include : /etc/passwd', '+A@=x'])(
    'are refused under the name %j',
    (name) => {
      expect(() => extraCommands({ [name]: '1' }, [...allowed, name])).toThrow(refusal);
    },
  );

  it('give requirements apart, as one expression that cannot leave its brackets', () => {
    expect(take({ Requirements: ' (OpSysMajorVer == 9) && Name != ")(" ' }).requirements).toBe(
      '(OpSysMajorVer == 9) && Name != ")("',
    );
    for (const hostile of ['true) || (true', '(true', '"open', 'true /* ', 'true // ', ''])
      expect(() => take({ requirements: hostile })).toThrow(refusal);
    expect(() => take({ requirements: 'true', Requirements: 'true' })).toThrow(refusal);
  });
});
