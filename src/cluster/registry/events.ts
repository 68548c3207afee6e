import { EventEmitter } from 'node:events';
import type { Logger } from '../../host.ts';
import { callListener } from '../../system/call-listener.ts';

/**
 * Named events with typed payloads, over node:events. There is no 'error' event, because it would end a process that
 * does not listen to it. A listener that throws is logged, and the other listeners are still called.
 */
export class TypedEvents<Events extends object> {
  readonly #emitter = new EventEmitter();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
    // A registry of a thousand clusters may have many listeners.
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
