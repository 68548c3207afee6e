import { styleText } from 'node:util';
import type { Screen } from '../command.ts';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours a text if the screen shows colours. */
export type Paint = (colour: Colour, text: string) => string;

export function painter({ colour: enabled }: Pick<Screen, 'colour'>): Paint {
  // The screen knows whether its stream shows colours; styleText would look at stdout.
  return (colour, text) => (enabled && text !== '' ? styleText(colour, text, { validateStream: false }) : text);
}
