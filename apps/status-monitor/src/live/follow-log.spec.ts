import { incompleteTail } from './follow-log.js';

describe('the end of a piece of log', () => {
  it('never cuts a character in two', () => {
    const text = Buffer.from('aß€😀z');
    for (let cut = 0; cut <= text.length; cut++) {
      const piece = text.subarray(0, cut);
      const whole = piece.subarray(0, piece.length - incompleteTail(piece));
      expect(whole.toString('utf8')).not.toContain('\uFFFD');
      expect(piece.length - whole.length).toBeLessThan(4);
    }
  });

  it('that is no UTF-8 waits for nothing', () => {
    expect(incompleteTail(Buffer.from([0x61, 0x80, 0x80, 0x80, 0x80]))).toBe(0);
    expect(incompleteTail(Buffer.from([]))).toBe(0);
  });
});
