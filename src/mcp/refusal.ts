import { EKSAuthError, type EKSAuthErrorCode } from '../errors.ts';
import type { Sentence } from '../text/sentence.ts';

const refusals = new WeakSet<EKSAuthError>();

/** An error whose remedy is a step that a model can take, or can ask for. Other errors speak to a person with a terminal. */
export function refusal(code: EKSAuthErrorCode, message: Sentence, remedy: Sentence, cause?: unknown): EKSAuthError {
  const error = new EKSAuthError(code, message, { remedy, ...(cause !== undefined && { cause }) });
  refusals.add(error);
  return error;
}

/** Whether the remedy of an error speaks to a model. */
export function isRefusal(error: EKSAuthError): boolean {
  return refusals.has(error);
}
