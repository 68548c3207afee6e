/** Whether an error says that the other end has closed the connection. undici has the code in the cause. */
export function isClosed(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || isClosed(error.cause);
}
