import { EKSAuthError } from '../errors.ts';

/** @throws EKSAuthError INVALID_CONFIG where `@opentelemetry/api` is not installed */
export async function loadAPI(
  needing: string,
  exported: 'metrics' | 'traces',
): Promise<typeof import('@opentelemetry/api')> {
  try {
    return await import('@opentelemetry/api');
  } catch (cause) {
    throw new EKSAuthError('INVALID_CONFIG', `@opentelemetry/api is not installed. ${needing} needs it.`, {
      remedy: `Run \`npm install @opentelemetry/api\`, and set up an OpenTelemetry SDK that exports ${exported}.`,
      cause,
    });
  }
}
