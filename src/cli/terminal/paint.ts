import type { Screen } from '../command.ts';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof CODES;

/** Colours a text where the screen shows colours. */
export type Paint = (colour: Colour, text: string) => string;

export function painter({ colour: enabled }: Pick<Screen, 'colour'>): Paint {
  return (colour, text) => {
    const [on, off] = CODES[colour];
    return enabled && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  };
}
