import { checkArgument } from '../../options/check-options.ts';
import { CALLABLE, oneOf, that } from '../../options/checks.ts';
import type { RegistryEvents } from './registry-events.ts';

const SOURCE = that('an object with a method lists, such as eksClusters({ regions })', (value) => {
  return typeof Object(value).lists === 'function';
});

const EVENTS: Readonly<Record<keyof RegistryEvents, true>> = {
  registered: true,
  removed: true,
  changed: true,
  changeRefused: true,
  refreshed: true,
  refreshFailed: true,
  refused: true,
  sourceFailed: true,
  watchFailed: true,
};
const EVENT = oneOf(...Object.keys(EVENTS));

/** @throws EKSAuthError INVALID_CONFIG */
export function checkSource(source: unknown): void {
  checkArgument('registry.follow', 'source', source, SOURCE);
}

/** @throws EKSAuthError INVALID_CONFIG */
export function checkListener(owner: string, name: unknown, listener: unknown): void {
  checkArgument(owner, 'name', name, EVENT);
  checkArgument(owner, 'listener', listener, CALLABLE);
}
