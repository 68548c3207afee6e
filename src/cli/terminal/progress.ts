import type { Terminal } from '../command.ts';
import { fitted, printable } from './display-width.ts';
import { painter } from './paint.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** Shows the progress of long work on stderr: one moving line on a terminal, nothing elsewhere. */
export interface Progress {
  /** Shows how many of all parts are done, and which are under way. */
  update(done: number, of: number, current: string): void;
  /** Removes the line. */
  end(): void;
}

export function startProgress({ err, errorScreen }: Terminal): Progress {
  if (!errorScreen.live) return { update: () => undefined, end: () => undefined };
  const paint = painter(errorScreen);
  let text = '';
  let frame = 0;
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length;
    err(`\r\x1b[K${paint('cyan', FRAMES[frame] ?? '')} ${fitted(text, errorScreen.columns - 3)}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    update(done, of, current) {
      text = `${done}/${of} ${printable(current)}`;
    },
    end() {
      clearInterval(timer);
      err('\r\x1b[K');
    },
  };
}
