import type { ContextState } from '../contexts/describe-context.ts';
import type { Colour } from '../terminal/paint.ts';

/** The states in words. */
export const STATE_WORDS: Readonly<Record<ContextState, string>> = {
  applied: 'applied',
  'not-applied': 'not applied',
  drifted: 'drifted',
  wrapped: 'other tool',
  'other-command': 'other command',
  other: 'not EKS',
  invalid: 'invalid',
};

/** The colours of the states. */
export const STATE_COLOURS: Readonly<Record<ContextState, Colour>> = {
  applied: 'green',
  'not-applied': 'yellow',
  drifted: 'red',
  wrapped: 'yellow',
  'other-command': 'yellow',
  other: 'dim',
  invalid: 'red',
};
