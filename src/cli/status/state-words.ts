import type { ContextState } from '../contexts/describe-context.ts';
import type { Colour } from '../terminal/paint.ts';

/** The states as people read them. */
export const STATE_WORDS: Readonly<Record<ContextState, string>> = {
  applied: 'applied',
  'not-applied': 'not applied',
  drifted: 'drifted',
  wrapped: 'other tool',
  other: 'no EKS user',
  invalid: 'invalid',
};

/** How they are coloured. */
export const STATE_COLOURS: Readonly<Record<ContextState, Colour>> = {
  applied: 'green',
  'not-applied': 'yellow',
  drifted: 'red',
  wrapped: 'yellow',
  other: 'dim',
  invalid: 'red',
};
