import { readFileSync } from 'node:fs';
import { setField } from './change.ts';
import { OTHER_BOOT, OTHER_HOST, TOO_OLD } from './constants.ts';
import type { HitCase } from './hit-case.ts';

export const machines: readonly HitCase[] = [
  { title: 'minted before this boot, by the wall clock', verdict: 'hit', stored: { machine: { bootId: OTHER_BOOT } } },
  { title: 'minted where no uptime can be trusted', verdict: 'hit', stored: { machine: { uptimeSeconds: undefined } } },
  {
    title: 'minted on a machine without boot ids',
    verdict: 'hit',
    stored: { machine: { bootId: undefined, uptimeSeconds: undefined } },
  },
  {
    title: 'too old by the wall clock',
    verdict: 'miss',
    reason: TOO_OLD,
    stored: { secondsAgo: 800, machine: { bootId: OTHER_BOOT } },
  },
  {
    title: 'minted in the future by the wall clock',
    verdict: 'miss',
    reason: 'minted in the future',
    stored: { secondsAgo: -60, machine: { bootId: OTHER_BOOT } },
  },
  {
    title: 'minted in the future by uptime',
    verdict: 'miss',
    reason: 'minted in the future',
    stored: { secondsAgo: -60 },
  },
  {
    title: 'EPOCHSECONDS inherited from the environment counts for nothing',
    verdict: 'miss',
    reason: TOO_OLD,
    stored: { secondsAgo: 800, machine: { bootId: OTHER_BOOT } },
    env: { EPOCHSECONDS: '1000' },
  },
  {
    title: 'EPOCHSECONDS inherited from the environment does not age a token',
    verdict: 'hit',
    stored: { machine: { bootId: OTHER_BOOT } },
    env: { EPOCHSECONDS: '9999999999' },
  },
  {
    title: 'a machine that was paused: uptime says young, the wall clock says old',
    verdict: 'miss',
    reason: TOO_OLD,
    stored: { secondsAgo: 800 },
    after: (world) => {
      const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]));
      setField(6, `${uptime}`)(world);
      setField(7, `${uptime + 840}`)(world);
    },
  },
  {
    title: 'a clock that was ahead at the mint and has been put right: uptime says young, the wall clock says not yet',
    verdict: 'miss',
    reason: 'minted in the future',
    stored: { secondsAgo: -1200 },
    after: (world) => {
      const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]));
      setField(6, `${uptime}`)(world);
      setField(7, `${uptime + 840}`)(world);
    },
  },
  { title: 'credentials of this host', verdict: 'hit', stored: { hostBound: true } },
  {
    title: 'credentials of this host, on a machine without boot ids',
    verdict: 'miss',
    reason: OTHER_HOST,
    stored: { hostBound: true, machine: { bootId: undefined, uptimeSeconds: undefined } },
  },
  {
    title: 'credentials of another pod with the same home',
    verdict: 'miss',
    reason: OTHER_HOST,
    stored: { hostBound: true, machine: { hostName: 'another-pod' } },
  },
  {
    title: 'credentials of this host before it was started anew',
    verdict: 'miss',
    reason: OTHER_HOST,
    stored: { hostBound: true, machine: { bootId: OTHER_BOOT } },
  },
  {
    title: 'a host whose name sh does not compare',
    verdict: 'miss',
    reason: OTHER_HOST,
    scriptReason: 'for Node only',
    stored: { hostBound: true, machine: { hostName: 'my host' } },
  },
];
