import { describe, expect, it } from 'vitest';
import {
  DEFAULT_MARGIN_SECONDS,
  IDENTITY_VARIABLES,
  lifetime,
  refreshMarginSeconds,
  SAFE_CHARACTERS,
  TOKEN_CHARACTERS,
} from '../../../src/cache/rules.ts';

const minted = new Date('2026-03-01T12:00:00Z');

describe('the life of a token', () => {
  it('ends 15 minutes after its signature; clients are told 14', () => {
    expect(lifetime(minted, undefined)).toEqual({
      tellUntil: new Date('2026-03-01T12:14:00Z'),
      endsAt: new Date('2026-03-01T12:15:00Z'),
    });
  });

  it('ends with its credentials where these end first; clients are told a minute less', () => {
    expect(lifetime(minted, new Date('2026-03-01T12:10:00Z'))).toEqual({
      tellUntil: new Date('2026-03-01T12:09:00Z'),
      endsAt: new Date('2026-03-01T12:10:00Z'),
    });
  });

  it('is cut at both ends where the credentials end in between', () => {
    expect(lifetime(minted, new Date('2026-03-01T12:14:30Z'))).toEqual({
      tellUntil: new Date('2026-03-01T12:13:30Z'),
      endsAt: new Date('2026-03-01T12:14:30Z'),
    });
  });
});

describe('the refresh margin', () => {
  it.each([
    ['30s', 30],
    ['1m30s', 90],
    ['1.5m', 90],
    ['1h', 3600],
    ['500ms', 0.5],
    ['0s', 0],
  ])('is set by K8S_TOKEN_CACHE_REFRESH_MARGIN=%s to %d seconds', (text, seconds) => {
    expect(refreshMarginSeconds({ K8S_TOKEN_CACHE_REFRESH_MARGIN: text })).toBe(seconds);
  });

  it.each([undefined, '', '30', 's', '-5s', '1x', '30s later'])('is a minute where %s is no duration', (text) => {
    expect(refreshMarginSeconds({ K8S_TOKEN_CACHE_REFRESH_MARGIN: text })).toBe(DEFAULT_MARGIN_SECONDS);
  });
});

describe('the rules that both readers share', () => {
  it('name every identity variable once', () => {
    const names = IDENTITY_VARIABLES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('keep secrets out of entries', () => {
    const written = IDENTITY_VARIABLES.filter(({ kind }) => kind !== 'presence' && kind !== 'secret').map(
      ({ name }) => name,
    );
    expect(written.filter((name) => /SECRET|_TOKEN$/.test(name))).toEqual([]);
  });

  it.each([SAFE_CHARACTERS, TOKEN_CHARACTERS])('list characters that fit into a bracket expression: %s', (set) => {
    expect(set.endsWith('-')).toBe(true);
    expect(set).not.toMatch(/["\\\][!^;|%&\s]/);
  });
});
