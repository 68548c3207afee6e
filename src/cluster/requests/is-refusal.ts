/** The clock of a server in the `Date` of its answer. */
export function serverTimeIn(date: string | null | undefined): Date | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

/**
 * Whether the API server itself refused the token of a request (401). A service behind its proxy paths may answer 401 for
 * its own reasons, so there the body decides.
 * @param path of the request, without the query
 * @param text reads the body
 */
export async function isRefusal(path: string, status: number, text: () => Promise<string>): Promise<boolean> {
  if (status !== 401) return false;
  if (!/\/proxy(\/|$)/.test(path)) return true;
  const body = await text();
  return /"kind"\s*:\s*"Status"/.test(body) && /"reason"\s*:\s*"Unauthorized"/.test(body);
}
