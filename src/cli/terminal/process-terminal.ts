import { isatty } from 'node:tty';
import { ENDING_SIGNALS, type EndingSignal, type HostListener, type HostTerminal } from '../../tui/host.js';

const STDIN = 0;
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** Returns the terminal of this process, with keys from stdin and frames on stderr; null if stdin is not a terminal. */
export function processTerminal(colors: HostTerminal['colors']): HostTerminal | null {
  if (!isatty(STDIN)) return null;
  let stopListening: () => void = () => {};
  return {
    colors,
    // A terminal whose size was never set reports 0.
    size: () => ({
      columns: process.stderr.columns || DEFAULT_SIZE.columns,
      rows: process.stderr.rows || DEFAULT_SIZE.rows,
    }),
    write: (text) => void process.stderr.write(text),
    listen(listener) {
      stopListening();
      stopListening = listener === null ? () => {} : listenTo(listener);
    },
    // Within a command substitution, the waiting shell would not notice the stop.
    canStop: process.platform !== 'win32' && process.stdout.isTTY,
    stop() {
      stopListening();
      // Stops the whole group, as the terminal does, since `npx` and others wait in it.
      process.kill(0, 'SIGTSTP');
    },
    die(signal) {
      stopListening();
      process.kill(process.pid, signal);
    },
  };
}

/** Listens to the terminal and the process. Returns a function that stops listening. */
function listenTo(listener: HostListener): () => void {
  const { stdin, stderr } = process;
  const onInput = (bytes: Uint8Array): void => listener.onInput(bytes);
  const onEnd = (): void => listener.onEnd();
  const onResize = (): void => listener.onResize();
  const onStop = (): void => listener.onStop();
  const onContinue = (): void => listener.onContinue();
  const onExit = (): void => listener.onExit();
  const onSignal = ENDING_SIGNALS.map(
    (signal: EndingSignal) => [signal, (): void => listener.onSignal(signal)] as const,
  );
  stdin.on('data', onInput).on('end', onEnd).on('error', onEnd);
  stderr.on('resize', onResize);
  process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
  process.on('exit', onExit).on('uncaughtExceptionMonitor', onExit);
  for (const [signal, listen] of onSignal) process.on(signal, listen);
  setRawMode(true);
  stdin.resume();
  return () => {
    stdin.off('data', onInput).off('end', onEnd).off('error', onEnd);
    stderr.off('resize', onResize);
    process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
    process.off('exit', onExit).off('uncaughtExceptionMonitor', onExit);
    for (const [signal, listen] of onSignal) process.off(signal, listen);
    stdin.pause();
    setRawMode(false);
  };
}

/** Sets raw mode, unless the terminal is gone. */
function setRawMode(isRaw: boolean): void {
  try {
    process.stdin.setRawMode(isRaw);
  } catch {
    // The end of the terminal is reported as the end of the input.
  }
}
