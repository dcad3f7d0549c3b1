import { mostJobsOfGroup } from '#contracts';
import { allowedFailuresText, mostFailures, parseAllowedFailures } from './allowed-failures.js';
import { type FanOut, isRefusal, type Item } from './fan-out.js';
import { fanOutOf } from './fan-out-of.js';
import { mostListBytes, readList } from './read-list.js';

const planOf = (variables: Readonly<Record<string, string>>): FanOut => {
  const plan = fanOutOf(variables);
  if (!plan || isRefusal(plan)) throw new Error(plan?.refused ?? 'it does not fan out');
  return plan;
};

const refusedWith = (variables: Readonly<Record<string, string>>): string => {
  const plan = fanOutOf(variables);
  return plan && isRefusal(plan) ? plan.refused : 'taken';
};

const itemsIn = (list: readonly Item[] | { readonly refused: string }): readonly Item[] => {
  if (isRefusal(list)) throw new Error(list.refused);
  return list;
};

const keysOf = (written: string): readonly string[] => {
  const { over } = planOf({ SLIPWAY_FANOUT: written });
  return over.kind === 'list' ? over.items.map(({ key }) => key) : [];
};

describe('a CI job fans out', () => {
  it('not at all without SLIPWAY_FANOUT, or with an empty one', () => {
    expect(fanOutOf({ CI: 'true', SLIPWAY_CPUS: '2' })).toBeUndefined();
    expect(fanOutOf({ SLIPWAY_FANOUT: ' ' })).toBeUndefined();
  });

  it('over words in one line, lines, or a JSON list', () => {
    expect(keysOf('2016 2017,2018')).toEqual(['2016', '2017', '2018']);
    expect(keysOf('\n# years\n2016 MagUp\r\n  2017, MagDown\n\n')).toEqual(['2016 MagUp', '2017, MagDown']);
    expect(keysOf('["a b", 7, {"YEAR": 2018, "POLARITY": "Up"}]')).toEqual([
      'a b',
      '7',
      'YEAR=2018 POLARITY=Up',
    ]);
  });

  it('with the text of each as $ITEM, or its own variables, and its place among all as GitLab says it', () => {
    const { over } = planOf({ SLIPWAY_FANOUT: '["a", {"YEAR": 2018}, {"ITEM": "named", "N": 1}]' });
    expect(over).toEqual({
      kind: 'list',
      items: [
        { key: 'a', variables: { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3', ITEM: 'a' } },
        {
          key: 'YEAR=2018',
          variables: { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3', YEAR: '2018', ITEM: 'YEAR=2018' },
        },
        { key: 'named', variables: { CI_NODE_INDEX: '3', CI_NODE_TOTAL: '3', ITEM: 'named', N: '1' } },
      ],
    });
  });

  it('over a file of the repository, by its ending, or what a command prints', () => {
    expect(planOf({ SLIPWAY_FANOUT: 'file: ./data/sets.txt' }).over).toEqual({
      kind: 'file',
      path: 'data/sets.txt',
      format: 'text',
    });
    expect(planOf({ SLIPWAY_FANOUT: 'file:sets.yml' }).over).toMatchObject({ format: 'yaml' });
    expect(planOf({ SLIPWAY_FANOUT: 'command: ls $DATA/*.root | sort' }).over).toEqual({
      kind: 'command',
      script: 'ls $DATA/*.root | sort',
    });
  });

  it('with variables put into a list and a path, and never into what a shell runs', () => {
    const expand = (text: string): string => text.replaceAll('$YEAR', '2018');
    expect(fanOutOf({ SLIPWAY_FANOUT: 'a-$YEAR b' }, expand)).toMatchObject({
      over: { items: [{ key: 'a-2018' }, { key: 'b' }] },
    });
    expect(fanOutOf({ SLIPWAY_FANOUT: 'file:$YEAR.csv' }, expand)).toMatchObject({
      over: { path: '2018.csv' },
    });
    expect(
      fanOutOf({ SLIPWAY_FANOUT: 'command:echo $YEAR', SLIPWAY_FANOUT_MERGE: 'hadd $YEAR.root' }, expand),
    ).toMatchObject({ over: { script: 'echo $YEAR' }, merge: 'hadd $YEAR.root' });
  });

  it('with nothing failing, all at once and no merging, unless it is said', () => {
    expect(planOf({ SLIPWAY_FANOUT: 'a b' })).toMatchObject({
      allowedFailures: { kind: 'count', count: 0 },
      stopEarly: false,
      artifacts: 'all',
    });
    expect(
      planOf({
        SLIPWAY_FANOUT: 'a b',
        SLIPWAY_FANOUT_AT_ONCE: '50',
        SLIPWAY_FANOUT_FAILURES: '2.5%',
        SLIPWAY_FANOUT_STOP_EARLY: 'true',
        SLIPWAY_FANOUT_MERGE: 'hadd all.root slipway-items/*/h.root',
        SLIPWAY_FANOUT_ARTIFACTS: 'merged',
      }),
    ).toMatchObject({
      runningAtOnce: 50,
      allowedFailures: { kind: 'percent', percent: 2.5 },
      stopEarly: true,
      merge: 'hadd all.root slipway-items/*/h.root',
      artifacts: 'merged',
    });
    expect(planOf({ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_FAILURES: 'all-or-nothing' })).toMatchObject({
      allowedFailures: { count: 0 },
      stopEarly: true,
    });
  });
});

describe('what cannot be meant', () => {
  it.each([
    [{ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_ATONCE: '3' }, /SLIPWAY_FANOUT_ATONCE means nothing/],
    [{ SLIPWAY_FANOUT_MERGE: 'hadd' }, /SLIPWAY_FANOUT_MERGE is set, and SLIPWAY_FANOUT/],
    [{ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_AT_ONCE: '0' }, /expected a number of jobs/],
    [
      { SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_FAILURES: 'some' },
      /how many may fail \(3, 5%, all\) or all-or-nothing/,
    ],
    [{ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_STOP_EARLY: 'yes' }, /expected true or false/],
    [{ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_ARTIFACTS: 'none' }, /expected all or merged/],
    [{ SLIPWAY_FANOUT: 'a', SLIPWAY_FANOUT_ARTIFACTS: 'merged' }, /there is no SLIPWAY_FANOUT_MERGE/],
    [{ SLIPWAY_FANOUT: 'command:' }, /no command/],
    [{ SLIPWAY_FANOUT: 'file:/etc/passwd' }, /path of a file in the repository/],
    [{ SLIPWAY_FANOUT: 'file:../x' }, /path of a file in the repository/],
    [{ SLIPWAY_FANOUT: '[]' }, /no items/],
    [{ SLIPWAY_FANOUT: '# nothing\n# at all' }, /no items/],
    [{ SLIPWAY_FANOUT: '["a", ["b"]]' }, /item 2 is neither/],
    [{ SLIPWAY_FANOUT: '["a"' }, /is not JSON/],
    [{ SLIPWAY_FANOUT: '[{"SLIPWAY_CPUS": 64}]' }, /item 1 sets SLIPWAY_CPUS/],
    [{ SLIPWAY_FANOUT: '[{"a-b": 1}]' }, /item 1 is neither/],
    [{ SLIPWAY_FANOUT: 'a b a' }, /items 1 and 3 are the same, "a"/],
    [{ SLIPWAY_FANOUT: 'x'.repeat(256) }, /item 1 cannot be taken/],
  ])('is refused with words: %j', (variables, words) => {
    expect(refusedWith(variables as unknown as Readonly<Record<string, string>>)).toMatch(words);
  });

  it('is more items or bytes than one group has', () => {
    const lines = (count: number): string =>
      Array.from({ length: count }, (_, index) => `set-${index}`).join('\n');
    expect(itemsIn(readList(lines(mostJobsOfGroup), 'text', 'sets.txt'))).toHaveLength(mostJobsOfGroup);
    expect(readList(lines(mostJobsOfGroup + 1), 'text', 'sets.txt')).toMatchObject({
      refused: expect.stringMatching(/20001 items; 20000 are the most/),
    });
    expect(readList('x\n'.repeat(mostListBytes), 'text', 'sets.txt')).toMatchObject({
      refused: 'sets.txt has more than 4 MiB',
    });
  });
});

describe('a list in a file', () => {
  it('of rows gives each the variables that the first line names', () => {
    const csv = '\uFEFFYEAR,POLARITY,NOTE\r\n2016,Up,"a, ""quoted"" note"\r\n2017,Down,\r\n';
    expect(itemsIn(readList(csv, 'csv', 'sets.csv')).map(({ variables }) => variables)).toMatchObject([
      { YEAR: '2016', POLARITY: 'Up', NOTE: 'a, "quoted" note' },
      { YEAR: '2017', POLARITY: 'Down', NOTE: '' },
    ]);
    expect(itemsIn(readList('ITEM\tLFN\none\t/lhcb/a b\n', 'tsv', 'sets.tsv'))).toMatchObject([
      { key: 'one', variables: { LFN: '/lhcb/a b' } },
    ]);
  });

  it('of rows that do not fit is refused', () => {
    expect(readList('A,B\n1\n', 'csv', 's.csv')).toMatchObject({
      refused: expect.stringMatching(/item 1 has 1 values/),
    });
    expect(readList('A b,B\n1,2', 'csv', 's.csv')).toMatchObject({
      refused: expect.stringMatching(/"A b" cannot be one/),
    });
    expect(readList('A,B\n"1,2', 'csv', 's.csv')).toMatchObject({
      refused: expect.stringMatching(/never closed/),
    });
  });

  it('in YAML is read, and one that grows by aliases is not', () => {
    expect(itemsIn(readList('- a\n- {YEAR: 2018}\n', 'yaml', 's.yml')).map(({ key }) => key)).toEqual([
      'a',
      'YEAR=2018',
    ]);
    expect(readList('- &a x\n- *a\n', 'yaml', 's.yml')).toMatchObject({
      refused: expect.stringMatching(/not YAML/),
    });
    expect(readList('a: 1', 'yaml', 's.yml')).toMatchObject({
      refused: expect.stringMatching(/it is no list/),
    });
  });
});

describe('how many may fail', () => {
  it('is a number, or a share that is rounded down', () => {
    const most = (text: string, jobs: number): number | undefined => {
      const allowed = parseAllowedFailures(text);
      return allowed && mostFailures(allowed, jobs);
    };
    expect([most('3', 10), most('30', 10), most('1%', 99), most('1%', 100)]).toEqual([3, 10, 0, 1]);
    expect([most('29%', 100), most('2.5%', 411), most('all', 411), most('100%', 7)]).toEqual([
      29, 10, 411, 7,
    ]);
    expect([most('101%', 1), most('1.5', 1), most('-1', 1), most('', 1)]).toEqual(Array(4).fill(undefined));
  });

  it('is told in words', () => {
    expect(allowedFailuresText({ kind: 'count', count: 0 }, 5)).toBe('none may fail');
    expect(allowedFailuresText({ kind: 'percent', percent: 5 }, 411)).toBe('20 (5%) may fail');
    expect(allowedFailuresText({ kind: 'percent', percent: 100 }, 411)).toBe('all of them may fail');
  });
});
