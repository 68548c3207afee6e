/** The pause that a server asks for (Retry-After), in milliseconds; undefined where it does not ask for one. */
export function retryAfterMs(value: unknown, now: () => number = Date.now): number | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return milliseconds > 0 ? milliseconds : undefined;
}
