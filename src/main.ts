import { noteOutput, resultOutput } from './cli/terminal/output.js';
import { runProgram } from './cli/program.js';
import { describeFailure } from './cli/terminal/fail.js';
import { reportingOf } from './cli/globals.js';
import { sinkOf } from './cli/terminal/sink.js';

const argv = process.argv.slice(2);
const stdout = resultOutput(sinkOf(1, () => process.stdout, process.platform));
const stderr = noteOutput(sinkOf(2, () => process.stderr, process.platform));
// A terminal whose size was never set reports 0.
const [columns, rows] = stdout.isTerminal ? [process.stdout.columns || 80, process.stdout.rows || 24] : [80, 24];
const width = Number(/^[1-9]\d{0,4}$/.exec(process.env['COLUMNS'] ?? '')?.[0] ?? columns);

// Ctrl-C keeps its default: it ends us at once, even in the middle of a scan, and a shell sees 130.
process.on('uncaughtException', (error) => {
  const { text, exitCode } = describeFailure(error, reportingOf(argv));
  process.exitCode = exitCode;
  void stderr.write(text);
});

async function main(): Promise<void> {
  const exitCode = await runProgram(argv, {
    stdout,
    stderr,
    width,
    async makeContext(globals, setExitCode) {
      const { makeContext } = await import('./cli/make-context.js');
      const streams = { stdout, stderr, width, height: rows };
      return makeContext(globals, streams, process.env, setExitCode);
    },
  });
  // A stray error may have set it already; never `process.exit`, which would cut what is still being written.
  process.exitCode ??= exitCode;
}

// Not awaited: the program is built as CommonJS, which has no top-level await.
void main();
