/** The result of one check. */
export interface Finding {
  /** Stable, for scripts. */
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'failure' | 'skipped';
  readonly message: string;
  /** What the user should do, if anything. */
  readonly remedy?: string | undefined;
}

/** A check, before it runs. */
export interface Check {
  readonly check: string;
  readonly title: string;
  readonly run: (signal: AbortSignal) => Promise<readonly Omit<Finding, 'check'>[]>;
}

export function ok(message: string): Omit<Finding, 'check'> {
  return { result: 'ok', message };
}

export function warning(message: string, remedy: string): Omit<Finding, 'check'> {
  return { result: 'warning', message, remedy };
}

export function failure(message: string, remedy?: string): Omit<Finding, 'check'> {
  return { result: 'failure', message, remedy };
}

export function skipped(message: string): Omit<Finding, 'check'> {
  return { result: 'skipped', message };
}
