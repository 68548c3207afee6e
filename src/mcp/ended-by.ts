import type { ClientNode } from '../cluster/clients/client-node.ts';
import { linkSignals } from '../system/link-signals.ts';

/** The options of a call of client-node. */
export type CallOptions = NonNullable<
  Parameters<InstanceType<ClientNode['AuthenticationV1Api']>['createSelfSubjectReview']>[1]
>;

/** Ends the requests with the signal, so that cancelled calls do not hold connections. */
export function endedBy(signal: AbortSignal, { Observable }: ClientNode): CallOptions {
  return {
    middleware: [
      {
        pre(request) {
          // Each request adds listeners to its signal. Node warns of a signal with more than ten.
          request.setSignal(linkSignals([signal]).signal);
          return new Observable(Promise.resolve(request));
        },
        post: (response) => new Observable(Promise.resolve(response)),
      },
    ],
    middlewareMergeStrategy: 'append',
  };
}
