import { EventEmitter } from 'node:events';
import type { Logger } from '../host.ts';
import { callListener } from '../system/call-listener.ts';

/**
 * Named events with typed payloads, over node:events. There is no event 'error', which would end the process of whoever
 * does not listen, and a listener that throws is reported to the logger and disturbs nobody.
 */
export class TypedEvents<Events extends object> {
  readonly #emitter = new EventEmitter();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
    // Anyone may listen, and a thousand clusters are one registry.
    this.#emitter.setMaxListeners(0);
  }

  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#emitter.on(name, listener);
  }

  off<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  emit<Name extends keyof Events & string>(name: Name, event: Events[Name]): void {
    for (const listener of this.#emitter.listeners(name)) {
      callListener(this.#logger, () => listener(event), { event: name });
    }
  }
}
