import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const lock: { packages: Record<string, { integrity?: string; link?: boolean }> } = JSON.parse(
  readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'),
);

it('Every package of package-lock.json has a SHA-512 integrity, those for other platforms too', () => {
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link);
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
});
