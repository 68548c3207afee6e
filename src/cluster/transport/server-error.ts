import type { ClientRequest, IncomingMessage } from 'node:http';
import { after } from './limits.ts';

/** An answer of the server that is an error. client-node drops the body of most of them. */
export interface ServerError {
  readonly status: number;
  readonly body: string;
}

/** The body of an error is waited for this long. One that takes longer is passed on as it comes. */
const PATIENCE_MS = 2_000;
const MOST_BYTES = 64 * 1024;

/** Whether an answer says why the request failed. */
export function isServerError(status: number | undefined): status is number {
  return status !== undefined && status >= 400;
}

/**
 * Lets a request of node:http have an error answer only when its body has come, so that the body is known even where the
 * request is given up at the head of the answer, as web sockets and logs are.
 * @param told called with the error before the request has it
 */
export function awaitServerError(request: ClientRequest, told: (error: ServerError) => void): void {
  const emit: (event: string | symbol, ...args: unknown[]) => boolean = request.emit.bind(request);
  request.emit = ((event: string | symbol, ...args: unknown[]) => {
    const [response] = args as [IncomingMessage | undefined];
    const status = response?.statusCode;
    if (event !== 'response' || response === undefined || !isServerError(status)) return emit(event, ...args);
    request.emit = emit as typeof request.emit;
    whenHere(response, (body) => {
      told({ status, body });
      emit('response', response);
    });
    return true;
  }) as typeof request.emit;
}

/** Collects a body without reading it: the reader still gets all of it. */
function whenHere(response: IncomingMessage, here: (body: string) => void): void {
  const text = new TextOf();
  const push = response.push.bind(response);
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    stop();
    response.push = push;
    here(text.read());
  };
  const stop = after(PATIENCE_MS, over);
  response.once('close', over);
  response.push = (chunk: unknown, encoding) => {
    const wantsMore = push(chunk, encoding);
    if (chunk === null || !text.add(chunk) || !wantsMore) setImmediate(over);
    return wantsMore;
  };
}

/** The beginning of a body, as text. */
export class TextOf {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  /** @returns whether more can be added */
  add(chunk: unknown): boolean {
    const bytes = Buffer.from(chunk as Uint8Array);
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    return this.#size < MOST_BYTES;
  }

  read(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

/**
 * The beginning of the body of an error, read from a copy of it. A service behind a proxy path of the API server decides how
 * long its answer is and takes.
 */
export async function beginningOf(copy: ReadableStream<Uint8Array> | null): Promise<string> {
  const text = new TextOf();
  const reader = copy?.getReader();
  // The end of a copy is not waited for: it comes when the caller has ended the other one, too.
  const leave = (): void => void reader?.cancel().catch(() => undefined);
  const stop = after(PATIENCE_MS, leave);
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      if (!text.add(part.value)) break;
    }
  } finally {
    stop();
    leave();
  }
  return text.read();
}

/** The answer of a server to undici. */
interface HeldHandler {
  onResponseStart(controller: object, status: number, headers: Record<string, unknown>, text: string): void;
  onResponseData(controller: object, chunk: unknown): void;
}

/** The same as {@link awaitServerError} for undici: holds the parts of an answer back until its body has come. */
export class HeldAnswer {
  readonly #handler: HeldHandler;
  readonly #told: (error: ServerError) => void;
  readonly #text = new TextOf();
  #parts: (() => void)[] | undefined;
  #status = 0;
  #stop: () => void = () => undefined;

  constructor(handler: HeldHandler, told: (error: ServerError) => void) {
    this.#handler = handler;
    this.#told = told;
  }

  start(...head: Parameters<HeldHandler['onResponseStart']>): void {
    [, this.#status] = head;
    if (!isServerError(this.#status)) {
      this.#handler.onResponseStart(...head);
      return;
    }
    this.#parts = [() => this.#handler.onResponseStart(...head)];
    this.#stop = after(PATIENCE_MS, () => this.release());
  }

  data(controller: object, chunk: unknown): void {
    if (this.#parts === undefined) {
      this.#handler.onResponseData(controller, chunk);
      return;
    }
    this.#parts.push(() => this.#handler.onResponseData(controller, chunk));
    if (!this.#text.add(chunk)) this.release();
  }

  /** Call before the end of the answer. */
  release(): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#parts = undefined;
    this.#stop();
    this.#told({ status: this.#status, body: this.#text.read() });
    for (const part of parts) part();
  }
}
