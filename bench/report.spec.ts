import { judge, median, row, sideBySide, table } from './report.js';

describe('the bench report', () => {
  it('takes the median of an odd and of an even number of rounds', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('runs everybody in each round and turns the order round in every second one', async () => {
    const order: string[] = [];
    const run = (name: string, rate: number) => async () => {
      order.push(name);
      return Promise.resolve({ rate });
    };
    const rows = await sideBySide({
      case: 'publish',
      units: { rate: '/s' },
      rounds: 3,
      ours: run('ours', 90),
      peers: { bare: run('bare', 100) },
    });
    expect(order).toEqual(['ours', 'bare', 'bare', 'ours', 'ours', 'bare']);
    expect(rows).toEqual([
      { case: 'publish', metric: 'rate', unit: '/s', ours: 90, beside: { bare: 100 }, ratio: { bare: 0.9 } },
    ]);
  });

  it('says which bars are kept, which are missed and which have no figure', () => {
    const rows = [row('publish', 'cpu', 'µs', 30, { bare: 20 })];
    expect(judge({ case: 'publish', metric: 'cpu', peer: 'bare', atMost: 1.5 }, rows)).toBe('kept');
    expect(judge({ case: 'publish', metric: 'cpu', peer: 'bare', atMost: 1.4 }, rows)).toBe('missed');
    expect(judge({ case: 'consume', metric: 'cpu', peer: 'bare', atMost: 1.4 }, rows)).toBeUndefined();
    const bars = [{ case: 'publish', metric: 'cpu', peer: 'bare', atMost: 1.4 }];
    expect(table({ name: 'x', when: '', machine: '', rows }, bars)).toContain('1.50×  ≤ 1.4×  missed');
  });

  it('has a dash for what a peer does not measure', () => {
    const rows = [row('fan-out', 'handed out', 's', 0.05, { 'by hand': NaN })];
    expect(table({ name: 'x', when: '', machine: '', rows }, [])).toMatch(/0\.05 +by hand +– +–$/);
  });
});
