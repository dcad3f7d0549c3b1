// Reads jest's JSON results; prints the failed and the skipped tests, and a line "counts PASSED FAILED SKIPPED".
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

function report(results) {
  for (const file of results.testResults) {
    const name = relative(process.cwd(), file.name);
    const tests = file.assertionResults;
    if (file.status === 'failed' && tests.every((test) => test.status !== 'failed')) {
      console.log(`failed: ${name} does not run`);
    }
    for (const test of tests) {
      if (test.status === 'failed') console.log(`failed: ${name}: ${test.fullName}`);
      if (test.status === 'pending' || test.status === 'todo') {
        console.log(`skipped: ${name}: ${test.fullName}`);
      }
    }
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  // A run without a single test is a broken run, not a good one.
  const nothing = results.numTotalTests === 0 ? 1 : 0;
  console.log(
    `counts ${results.numPassedTests} ${failed + nothing} ${results.numPendingTests + results.numTodoTests}`,
  );
}

try {
  report(JSON.parse(readFileSync(process.argv[2], 'utf8')));
} catch (error) {
  console.log(`failed: jest left no results: ${error.message}`);
  console.log('counts 0 1 0');
}
