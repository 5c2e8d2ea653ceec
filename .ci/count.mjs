// Prints how many tests passed and failed, as the last line. A test that was skipped has failed unless it cannot run
// here: without root, where it changes users or owners, and on systems other than Linux.
import { readFileSync } from 'node:fs';

const NEEDS_ROOT = [
  'whom the system does not know is told to set HOME',
  'a user the system has no name for lists and prunes like any other',
  'is not used if the file or its folder belongs to somebody else',
  'of the owner of the config dir counts for root',
];

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const isExpected = (name) =>
  process.platform !== 'linux' || (process.getuid() !== 0 && NEEDS_ROOT.some((part) => name.includes(part)));
const tests = testResults.flatMap((file) => file.assertionResults);
const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName);
const unexpected = skipped.filter((name) => !isExpected(name));
// A file that does not even load has no tests to count, yet it is a failure.
const unloaded = testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
).length;

for (const name of skipped) console.log(`skipped${isExpected(name) ? '' : ', which is a failure'}: ${name}`);
console.log(`\n${numPassedTests} passed, ${numFailedTests + unloaded + unexpected.length} failed`);
process.exitCode = unexpected.length > 0 ? 1 : 0;
