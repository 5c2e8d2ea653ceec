import { noteOutput, resultOutput } from './cli/terminal/output.js';
import { runProgram } from './cli/program.js';
import { describeFailure } from './cli/terminal/fail.js';
import { reportingOf } from './cli/globals.js';
import { sinkOf } from './cli/terminal/sink.js';

const argv = process.argv.slice(2);
const stdout = resultOutput(sinkOf(1, () => process.stdout, process.platform));
const stderrSink = sinkOf(2, () => process.stderr, process.platform);
// With `ccsess list --table | less`, only stderr is the terminal. A terminal whose size was never set reports 0.
const screen = stdout.isTerminal ? process.stdout : stderrSink.isTerminal ? process.stderr : null;
const [columns, rows] = [screen?.columns || 80, screen?.rows || 24];
const width = Number(/^[1-9]\d{0,4}$/.exec(process.env['COLUMNS'] ?? '')?.[0] ?? columns);
const stderr = noteOutput(stderrSink, width);

// Ctrl-C keeps its default action: the process ends at once, even during a scan, and the shell sees 130.
process.on('uncaughtException', (error) => void reportAndExit(error));

/** Ends the process: timers and watchers, such as those of a viewer that follows a file, would keep it running. */
async function reportAndExit(error: Error): Promise<void> {
  const { text, exitCode } = describeFailure(error, reportingOf(argv));
  process.exitCode = exitCode;
  await stderr.write(text);
  process.exit();
}

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
  // An uncaught error may have set it already. `process.exit` here would truncate output that is still being written.
  process.exitCode ??= exitCode;
}

// Not awaited: the program is built as CommonJS, which has no top-level await.
void main();
