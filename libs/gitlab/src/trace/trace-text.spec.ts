import { checksumText, noticeLine, renewedLine, traceChecksum } from '#gitlab';

describe('what we write into a trace', () => {
  it('puts what others said into one line without colours of its own', () => {
    expect(noticeLine('bad', 'no such\nimage \x1b[31m')).toBe('\x1b[31;1mno such image  [31m\x1b[0;m\n');
    expect(renewedLine('3 of 4\r\n')).toBe('\r\x1b[0K3 of 4 ');
  });
});

describe('the checksum of a trace', () => {
  it('is IEEE CRC 32, piece by piece as for the whole', () => {
    expect(traceChecksum(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(traceChecksum(Buffer.from('6789'), traceChecksum(Buffer.from('12345')))).toBe(0xcbf43926);
  });

  it('has eight digits', () => {
    expect(checksumText(0xcbf43926)).toBe('crc32:cbf43926');
    expect(checksumText(0)).toBe('crc32:00000000');
  });
});
