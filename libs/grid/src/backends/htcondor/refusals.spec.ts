import { refusalOf } from './refusals.js';

const judge = (stderr: string): unknown => refusalOf('condor_submit', { exitCode: 1, stdout: '', stderr });

// The words of HTCondor 23.9.
describe('what a tool says when it fails', () => {
  it.each([
    "\nERROR: Can't find address of local schedd",
    "Error: Couldn't contact the condor_collector on cm.example.org.\n\nExtra Info: authentication",
    'ERROR: Number of submitted jobs would exceed MAX_JOBS_PER_OWNER',
    "condor_rm: Can't find address for schedd lab@",
  ])('is a matter of time: %s', (words) => {
    expect(judge(words)).toMatchObject({ code: 'grid.unavailable', temporary: true });
  });

  it.each([
    'ERROR: Setting owner to "other", which is not a valid user account',
    'SECMAN:2010:Received "DENIED" from server for user x using method SCITOKENS.',
    'ERROR: Failed to connect to queue manager lab@ AUTHENTICATE:1003:Failed to authenticate with any method',
  ])('is a matter of rights: %s', (words) => {
    expect(judge(words)).toMatchObject({ code: 'grid.unauthorized', temporary: false });
  });

  it('is a refusal for good in any other case, in its words without the advice', () => {
    expect(judge('\nERROR: Parse error in expression: \n\tRequestMemory = xyz (\n')).toMatchObject({
      code: 'grid.refused',
      temporary: false,
      message: 'condor_submit: ERROR: Parse error in expression: RequestMemory = xyz (',
    });
  });
});
