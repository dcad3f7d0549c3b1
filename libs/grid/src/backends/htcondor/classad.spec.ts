import { byCluster, classAdString, idConstraint, procExpression } from './classad.js';

describe('expressions of HTCondor', () => {
  it('hold a text as a literal, whatever is in it', () => {
    expect(classAdString('a "b" \\ c\nd')).toBe('"a \\"b\\" \\\\ c d"');
  });

  it('name thousands of jobs by ranges', () => {
    const procs = Array.from({ length: 10_000 }, (_, proc) => proc).filter((proc) => proc !== 500);
    expect(procExpression(procs)).toBe('(ProcId >= 0 && ProcId <= 499) || (ProcId >= 501 && ProcId <= 9999)');
  });

  it('name no job where there is none, rather than all', () => {
    expect(idConstraint(byCluster([]))).toBe('false');
    expect(idConstraint(byCluster(['31', '1.2.3', 'x.y', '-1.0', '1.0 || true']))).toBe('false');
  });

  it('name jobs of several clusters', () => {
    expect(idConstraint(byCluster(['31.0', '32.4', '31.1']))).toBe(
      '(ClusterId == 31 && ((ProcId >= 0 && ProcId <= 1))) || (ClusterId == 32 && (ProcId == 4))',
    );
  });
});
