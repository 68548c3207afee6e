/** A time in whole seconds, as ExecCredentials, STS and the AWS CLI's files write it: `2024-06-15T13:34:56Z`. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The same without separators, as Signature Version 4 writes it: `20240615T133456Z`. */
export function compactSeconds(date: Date): string {
  return isoSeconds(date).replace(/[-:]/g, '');
}
