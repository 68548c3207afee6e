import type { HostOptions, Logger } from '../host.ts';
import { type Check, CLOCK, type Schema, that } from './checks.ts';

const METHODS: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error'];

const LOGGER: Check = that('an object with the methods debug, info, warn and error, such as console', (value) =>
  METHODS.every((name) => typeof Object(value)[name] === 'function'),
);

/** The checks of {@link HostOptions}. */
export const HOST_SCHEMA: Schema<HostOptions> = {
  env: that(
    'an object of variables, such as process.env',
    (value) => typeof value === 'object' && !Array.isArray(value),
  ),
  now: CLOCK,
  logger: LOGGER,
};
