import type { Cluster } from '../../cluster/clients/cluster.ts';
import { EKSAuthError } from '../../errors.ts';
import { forgetRefusal, refusedToken } from './refused-token.ts';

const MIB = 1024 * 1024;
/** The longest answer, and all answers to one question of a model together, in MiB. */
const MAX_ANSWER_MIB = 1;
const MAX_TOGETHER_MIB = 16;

/** An answer that is not used. The message holds no word of the server. */
export class UnusableAnswer extends Error {
  /** The next step. */
  readonly remedy: string;

  constructor(message: string, remedy = 'Ask the administrator of the cluster.') {
    super(message);
    this.remedy = remedy;
  }
}

/** A status other than success. The body is not read: its words are those of the server. */
export class RefusedByServer extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`The API server answered ${code}.`);
    this.code = code;
  }
}

/** Counts what an API server answers to one question, so that the question costs no more than that. */
export class AnswerLimit {
  #left = MAX_TOGETHER_MIB * MIB;

  /** @throws UnusableAnswer */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) {
      throw new UnusableAnswer(`The answers of the API server have more than ${MAX_TOGETHER_MIB} MiB together.`);
    }
  }
}

/** A request to an API server. */
export interface Question {
  /** With a body: POST. */
  readonly body?: object | undefined;
  readonly signal: AbortSignal;
  readonly limit?: AnswerLimit;
  /** Gets the headers of an answer. */
  readonly onHeaders?: (headers: Headers) => void;
}

/**
 * Asks an API server, and reads at most 1 MiB of its answer.
 * @returns the value of the JSON; anything may be in it
 * @throws RefusedByServer, UnusableAnswer, EKSAuthError, or the error of the connection
 */
export async function askServer(cluster: Cluster, path: string, question: Question): Promise<unknown> {
  const { body, signal, limit = new AnswerLimit() } = question;
  const sent = cluster.fetch(path, {
    signal,
    headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  const answer = await sent.catch((error: unknown) => {
    throw error instanceof EKSAuthError && error.code === 'TOKEN_REJECTED' ? refusedToken(cluster, error) : error;
  });
  question.onHeaders?.(answer.headers);
  forgetRefusal(cluster);
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new RefusedByServer(answer.status);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop ends the connection.
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > MAX_ANSWER_MIB * MIB) {
      throw new UnusableAnswer(`An answer of the API server is longer than ${MAX_ANSWER_MIB} MiB.`);
    }
    limit.take(part.length);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new UnusableAnswer('An answer of the API server is not JSON.');
  }
}

/** A field of a value that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** The texts of a list that may be anything. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === 'string');
}

/** The items of what may be a list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
