import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../src/tui/frame/row.js';
import {
  openScreen,
  type Screen,
  type ScreenApp,
  type ScreenControl,
  type ScreenEvent,
} from '../../../src/tui/screen.js';
import { KEYS, TestTerminal, alt, ctrl, paste } from '../../support/terminal.js';

const ESC = '\u001b';

/** An app that shows its events; `q` closes it with them, `!` throws. */
function recorder(control: ScreenControl<string[]>, name = 'app', drawn: string[] = []): ScreenApp {
  const seen: string[] = [];
  return {
    draw({ columns, rows }) {
      drawn.push(name);
      return {
        rows: [rowOf(`${name} ${columns}x${rows}`), rowOf(seen.join(' '))],
        cursor: { row: 1, column: 3 },
      };
    },
    onEvent(event: ScreenEvent) {
      seen.push(event.type === 'key' ? event.key : 'text' in event ? event.text : event.type);
      if (event.type === 'text' && event.text.includes('!')) throw new Error('in the app');
      if ((event.type === 'text' && event.text === 'q') || event.type === 'end') control.close(seen);
    },
  };
}

function started(size = { columns: 20, rows: 4 }) {
  const terminal = new TestTerminal(size);
  const screen = openScreen(terminal);
  const drawn: string[] = [];
  const result = screen.run<string[]>((control) => recorder(control, 'app', drawn));
  return { terminal, screen, drawn, result };
}

function expectRestored(terminal: TestTerminal): void {
  expect(terminal.picture).toBe('before\n$');
  expect(terminal.isTakenOver).toBe(false);
  expect(terminal.isListening).toBe(false);
  expect(terminal.cursor).toEqual({ row: 1, column: 2 });
  expect(terminal.modes).toEqual({ bracketedPaste: false, wraparound: true });
  expect(terminal.written.endsWith(`${ESC}[<u${ESC}[?1004l${ESC}[?2004l${ESC}[?7h${ESC}[?25h${ESC}[?1049l`)).toBe(true);
}

describe('a screen', () => {
  it('takes the terminal over and draws at once', async () => {
    const { terminal } = started();
    await terminal.settle();
    expect(terminal.isTakenOver).toBe(true);
    expect(terminal.picture).toBe('app 20x4');
    expect(terminal.modes).toEqual({ bracketedPaste: true, wraparound: false });
    expect(terminal.cursor).toEqual({ row: 1, column: 3 });
  });

  it('passes keys, text and pastes to the app, and restores the terminal when it is closed', async () => {
    const { terminal, screen, result } = started();
    await terminal.type('ab', KEYS.down, paste('x\r\ny'), ctrl('c'), alt('u'));
    expect(terminal.rows[1]).toBe('ab down x y ctrl-c a');
    await terminal.type('q');
    expect(await result).toEqual(['ab', 'down', 'x\ny', 'ctrl-c', 'alt-u', 'q']);
    screen.close();
    await terminal.settle();
    expectRestored(terminal);
  });

  it('draws one frame for all keys that arrived together, and nothing if nothing changed', async () => {
    const { terminal, drawn } = started();
    await terminal.settle();
    const before = drawn.length;
    await terminal.type(KEYS.down.repeat(1000));
    expect(drawn.length).toBe(before + 1);
  });

  it('writes a frame as one synchronised update of the changed cells', async () => {
    const { terminal } = started();
    await terminal.settle();
    terminal.written = '';
    await terminal.type('x');
    expect(terminal.written).toBe(`${ESC}[?2026h${ESC}[?25l${ESC}[2;1Hx${ESC}[2;4H${ESC}[?25h${ESC}[?2026l`);
  });

  it('reads a single ESC as the Esc key after a moment', async () => {
    const { terminal } = started();
    await terminal.type(ESC);
    await expect.poll(() => terminal.rows[1]).toBe('esc');
  });

  it('draws anew after a resize, down to one cell', async () => {
    const { terminal } = started();
    await terminal.resize({ columns: 30, rows: 2 });
    expect(terminal.picture).toBe('app 30x2');
    await terminal.resize({ columns: 2, rows: 1 });
    expect(terminal.picture).toBe('ap');
  });

  it('runs an app on top of another, which comes back when it closes', async () => {
    const { terminal, screen } = started();
    const inner = screen.run<string[]>((control) => recorder(control, 'inner'));
    await terminal.settle();
    expect(terminal.rows[0]).toBe('inner 20x4');
    await terminal.type('q');
    expect(await inner).toEqual(['q']);
    await terminal.settle();
    expect(terminal.picture).toBe('app 20x4');
  });

  it('gives the terminal back while another program runs', async () => {
    const { terminal, screen } = started();
    await terminal.settle();
    const during = await screen.outside(async () => {
      await terminal.settle();
      return [terminal.picture, terminal.isListening, terminal.isTakenOver];
    });
    expect(during).toEqual(['before\n$', false, false]);
    await terminal.settle();
    expect(terminal.picture).toBe('app 20x4');
  });

  it('takes the terminal over again if that program fails', async () => {
    const { terminal, screen } = started();
    await expect(screen.outside(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await terminal.settle();
    expect(terminal.picture).toBe('app 20x4');
  });

  it('stops on Ctrl-Z with the terminal restored, and comes back when it is continued', async () => {
    const { terminal } = started();
    await terminal.type('a', ctrl('z'), 'b');
    expect(terminal.stops).toBe(1);
    expect(terminal.picture).toBe('before\n$');
    await expect.poll(() => terminal.picture).toBe('app 20x4\na');
  });

  it('ignores Ctrl-Z where nobody would continue it', async () => {
    const { terminal } = started();
    terminal.canStop = false;
    await terminal.type(ctrl('z'), 'b');
    expect(terminal.stops).toBe(0);
    expect(terminal.picture).toBe('app 20x4\nb');
  });

  it('draws everything anew after it was stopped by others', async () => {
    const { terminal } = started();
    terminal.write(`${ESC}[?1049l${ESC}[?7h`);
    terminal.emit('continue');
    await terminal.settle();
    expect(terminal.isTakenOver).toBe(true);
    expect(terminal.picture).toBe('app 20x4');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'restores the terminal before %s ends the process',
    async (signal) => {
      const { terminal } = started();
      terminal.emit(signal);
      expect(terminal.died).toBe(signal);
      await terminal.settle();
      expectRestored(terminal);
    },
  );

  it('restores the terminal when the process ends or crashes', async () => {
    const { terminal } = started();
    terminal.emit('exit');
    await terminal.settle();
    expectRestored(terminal);
  });

  it('reports the end of the input', async () => {
    const { terminal, result } = started();
    terminal.emit('end');
    expect(await result).toEqual(['end']);
  });

  it('rejects if the app throws, while it starts, draws, or handles an event', async () => {
    const { terminal, screen, result } = started();
    await Promise.all([terminal.type('!'), expect(result).rejects.toThrow('in the app')]);
    const failing = (app: () => ScreenApp): Promise<unknown> => screen.run(app);
    await expect(
      failing(() => {
        throw new Error('at the start');
      }),
    ).rejects.toThrow('at the start');
    const draw = (): never => {
      throw new Error('drawing');
    };
    await expect(failing(() => ({ draw, onEvent: () => {} }))).rejects.toThrow('drawing');
    await expect(
      screen.run((control) => {
        control.fail('a task');
        return { draw, onEvent: () => {} };
      }),
    ).rejects.toThrow('a task');
  });

  it('copies to the clipboard of the terminal', () => {
    const { terminal, screen }: { terminal: TestTerminal; screen: Screen } = started();
    terminal.written = '';
    screen.copy('3f2a');
    expect(terminal.written).toBe(`${ESC}]52;c;M2YyYQ==\u0007`);
  });
});
