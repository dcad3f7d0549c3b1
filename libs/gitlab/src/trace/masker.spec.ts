import { ciJob, Masker, type MaskRules, maskRulesOf } from '#gitlab';

const rules = (phrases: readonly string[], prefixes: readonly string[] = ['glpat-']): MaskRules => ({
  phrases,
  prefixes,
});

/** Everything masked, given in pieces of these sizes (the last one again and again). */
function maskedInPieces(of: MaskRules, text: Buffer, sizes: () => number): Buffer {
  const masker = new Masker(of);
  const out: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const to = Math.min(text.length, at + Math.max(1, sizes()));
    out.push(masker.write(text.subarray(at, to)));
    at = to;
  }
  out.push(masker.end());
  expect(masker.emitted).toBe(text.length);
  return Buffer.concat(out);
}

const masked = (of: MaskRules, text: string): string =>
  maskedInPieces(of, Buffer.from(text), () => 1 << 20).toString();

/** Chance that comes out the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a masker', () => {
  it('masks phrases wherever they stand, and nothing else', () => {
    expect(masked(rules(['hunter22']), 'hunter22 is hunter222, not hunter2')).toBe(
      '[MASKED] is [MASKED]2, not hunter2',
    );
    expect(masked(rules([' pad ded \n', '', '  ']), 'a pad ded b')).toBe('a [MASKED] b');
  });

  it('masks secrets that overlap or hold each other as one, so that no part of either is left', () => {
    expect(masked(rules(['abcdef', 'defghi', 'cd']), '-abcdefghi-')).toBe('-[MASKED]-');
    expect(masked(rules(['secret', 'secret-longer']), 'secret-longer secret-long')).toBe(
      '[MASKED] [MASKED]-long',
    );
    expect(masked(rules(['aabaab']), 'aabaabaab')).toBe('[MASKED]');
  });

  it('masks neighbours one by one', () => {
    expect(masked(rules(['abcabc']), 'abcabcabcabd')).toBe('[MASKED]abd');
    expect(masked(rules(['first', 'other']), 'firstother')).toBe('[MASKED][MASKED]');
    expect(masked(rules(['abab']), '-abababab-')).toBe('-[MASKED][MASKED]-');
    expect(masked(rules(['abab']), '-ababab-')).toBe('-[MASKED]-');
  });

  it('masks what follows the beginning of a token, and keeps the beginning', () => {
    const of = rules([], ['glpat-', 'gldt-']);
    expect(masked(of, 'token=glpat-Ab_1-2.3=, and gldt-xyz!')).toBe(
      'token=glpat-[MASKED], and gldt-[MASKED]!',
    );
    expect(masked(of, 'glpat- alone, and at the end glpat-')).toBe('glpat- alone, and at the end glpat-');
    expect(masked(of, 'glpat-atTheEnd')).toBe('glpat-[MASKED]');
  });

  it('gives the shorter of two beginnings of a token a mask of its own, and leaves nothing of the longer one but that', () => {
    const of = rules([], ['glrt-', 'glrt-test-', 'glpat-']);
    expect(masked(of, 'glrt-test-abc, glrt-abc, glrt-test-!')).toBe(
      'glrt-[MASKED][MASKED], glrt-[MASKED], glrt-[MASKED]!',
    );
    expect(masked(of, 'glpat-impglrt-test-erdiet glrt-glpat-x')).toBe(
      'glpat-[MASKED][MASKED] glrt-[MASKED][MASKED]',
    );
  });

  it('masks a token whatever other secret is in it, and a secret whatever other one is in its middle', () => {
    const of = rules(['correct-horse', 'b c', 'staple'], ['glpat-']);
    expect(masked(of, 'glpat-1correct-horse2, glpat-correct-horse!')).toBe(
      'glpat-[MASKED][MASKED], glpat-[MASKED]!',
    );
    expect(masked(of, 'glpat-ab cd ')).toBe('glpat-[MASKED][MASKED] ');
    expect(masked(of, 'glcorrect-horsepat-xy ')).toBe('gl[MASKED]pat-[MASKED] ');
    expect(masked(of, 'stacorrect-horseple sta-correct-horseple')).toBe('[MASKED][MASKED] sta-[MASKED]ple');
    expect(masked(rules(['horse&cart']), '?private_token=my-horse&carter&a=b')).toBe(
      '?private_token=[MASKED]&a=b',
    );
  });

  it('masks one character, and one that fills megabytes', () => {
    expect(masked(rules(['x', 'y-z']), 'axb y-z xx')).toBe('a[MASKED]b [MASKED] [MASKED][MASKED]');
    const masker = new Masker(rules(['x'.repeat(8)]));
    for (let count = 0; count < 16; count++) masker.write(Buffer.alloc(64 * 1024, 'x'));
    expect(masker.emitted).toBeGreaterThan(800 * 1024);
    expect(masker.write(Buffer.from('.')).toString()).toMatch(/^(?:\[MASKED\])*\.$/);
  });

  it('masks secret parameters of addresses', () => {
    const address = 'GET https://s3/x?X-Amz-Credential=a/b&X-Amz-Signature=0f%20 private_token=kept';
    expect(masked(rules([]), address)).toBe(
      'GET https://s3/x?X-Amz-Credential=[MASKED]&X-Amz-Signature=[MASKED] private_token=kept',
    );
    expect(masked(rules(['phrase22']), '?private_token=phrase22&a=b')).toBe('?private_token=[MASKED]&a=b');
    expect(masked(rules([]), 'a?x&rss_token=')).toBe('a?x&rss_token=[MASKED]');
  });

  it('masks bytes, whatever they mean as text', () => {
    const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('schlüssel'), Buffer.from([0x80])]);
    const out = maskedInPieces(rules(['schlüssel']), text, () => 3);
    expect(out).toEqual(
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('[MASKED]'), Buffer.from([0x80])]),
    );
  });

  it('says the same however the stream is cut', () => {
    const of = rules(
      ['aab', 'abaaba', 'ba?b', 'b&', 'glpat-a', 'a b'],
      ['glpat-', 'ab-', 'glpat-ab-', 'gl-'],
    );
    const words = [
      'a',
      'b',
      'aab',
      'aba',
      '?',
      '&',
      'glpat-',
      'gl',
      'ab-',
      ' ',
      '?private_token=',
      'rss_token',
      '\n',
      '=',
    ];
    for (let seed = 1; seed <= 150; seed++) {
      const next = chance(seed);
      const text = Buffer.from(Array.from({ length: 60 }, () => words[next(words.length)] ?? '').join(''));
      const whole = maskedInPieces(of, text, () => text.length);
      expect(maskedInPieces(of, text, () => 1).toString()).toBe(whole.toString());
      expect(maskedInPieces(of, text, () => next(9)).toString()).toBe(whole.toString());
    }
  });

  it('can be replaced after any piece by a new one that begins where it says', () => {
    const of = rules(['aab', 'abaaba', 'b&'], ['glpat-']);
    const words = ['a', 'b', 'aab', 'glpat-', ' ', '&', '?private_token=', '\n'];
    for (let seed = 1; seed <= 100; seed++) {
      const next = chance(seed);
      const text = Buffer.from(Array.from({ length: 40 }, () => words[next(words.length)] ?? '').join(''));
      const first = new Masker(of);
      const out: Buffer[] = [];
      for (let at = 0; at < next(text.length); at += 5) out.push(first.write(text.subarray(at, at + 5)));
      out.push(maskedInPieces(of, text.subarray(first.emitted), () => 7));
      expect(Buffer.concat(out).toString()).toBe(maskedInPieces(of, text, () => text.length).toString());
    }
  });

  it('holds nothing back where nothing may be the beginning of a secret', () => {
    const masker = new Masker(rules(['hunter22']));
    expect(masker.write(Buffer.from('step 1\n')).toString()).toBe('step 1\n');
    expect(masker.write(Buffer.from('step 2: hunt')).toString()).toBe('step 2: ');
    expect(masker.emitted).toBe(15);
    expect(masker.write(Buffer.from('ing\n')).toString()).toBe('hunting\n');
  });

  it('keeps nothing of the pieces that it was given', () => {
    const masker = new Masker(rules(['hunter22']));
    const piece = Buffer.from('say hunt');
    const out = masker.write(piece);
    piece.fill(0x2a);
    expect(out.toString()).toBe('say ');
    expect(masker.write(Buffer.from('er22.')).toString()).toBe('[MASKED].');
  });

  it.each([
    ['a token', 'say glpat-', 'say glpat-[MASKED]'],
    ['a parameter', 'GET /x?private_token=', 'GET /x?private_token=[MASKED]'],
  ])('keeps little of %s that fills megabytes, and shows nothing of it', (_what, begins, shown) => {
    const masker = new Masker(rules(['x end'], ['glpat-', 'glrt-']));
    const out = [masker.write(Buffer.from(begins))];
    const line = Buffer.alloc(16 * 1024, 'x');
    for (let count = 0; count < 64; count++) {
      out.push(masker.write(line));
      expect(masker.held).toBeLessThan(128 * 1024);
    }
    // Whoever begins anew after a crash begins before the token, of which they would not know inside it.
    expect(masker.emitted).toBeLessThanOrEqual(begins.length);
    out.push(masker.write(Buffer.from('\nnext\n')), masker.end());
    expect(Buffer.concat(out).toString()).toBe(`${shown}\nnext\n`);
    expect(masker.emitted).toBe(begins.length + 2 ** 20 + 6);
  });

  it('masks what begins at the end of a token that fills megabytes, and what comes after it', () => {
    const of = rules(['x end', 'hunter22'], ['glpat-']);
    const long = 'x'.repeat(300_000);
    const text = Buffer.from(`a glpat-${long} end b glpat-${long}hunter22 hunter22 glpat-${long}`);
    const whole = 'a glpat-[MASKED][MASKED] b glpat-[MASKED][MASKED] [MASKED] glpat-[MASKED]';
    for (const size of [2 ** 20, 100_000, 7_777, 1_023])
      expect(maskedInPieces(of, text, () => size).toString()).toBe(whole);
  });
});

describe('the rules of a job', () => {
  it('are its tokens, its passwords, its masked variables, and what tokens begin with at any GitLab and at this one', () => {
    const job = ciJob.parse({
      id: 1,
      token: 'job-token',
      variables: [
        { key: 'A', value: 'masked-value', masked: true },
        { key: 'B', value: 'open-value' },
      ],
      dependencies: [{ id: 2, name: 'x', token: 'dependency-token' }],
      credentials: [{ type: 'registry', url: 'r', username: 'u', password: 'registry-password' }],
      features: { token_mask_prefixes: Array.from({ length: 12 }, (_, index) => `p${index}-`) },
    });
    const { phrases, prefixes } = maskRulesOf(job, ['more']);
    expect(phrases).toEqual(['job-token', 'masked-value', 'dependency-token', 'registry-password', 'more']);
    expect(prefixes).toEqual(expect.arrayContaining(['glpat-', 'glrt-', 'glcbt-', 'gldt-', 'p0-', 'p11-']));
  });
});
