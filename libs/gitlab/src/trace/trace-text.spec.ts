import { checksumText, noticeLine, renewedLine, sectionEnd, sectionStart, traceChecksum } from '#gitlab';

describe('what we write into a trace', () => {
  it('opens and closes sections as GitLab reads them', () => {
    expect(sectionStart('step_script', 1_700_000_000_999)).toBe(
      'section_start:1700000000:step_script\r\x1b[0K',
    );
    expect(sectionStart('merge', 5_000, { collapsed: true, title: 'Merging' })).toBe(
      'section_start:5:merge[collapsed=true]\r\x1b[0K\x1b[0K\x1b[36;1mMerging\x1b[0;m\n',
    );
    expect(sectionEnd('step_script', 1_700_000_001_000)).toBe('section_end:1700000001:step_script\r\x1b[0K');
  });

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
