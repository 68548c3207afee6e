import type { KubeConfig, ResponseContext } from '@kubernetes/client-node';
import { isClosed } from '../transport/closed-connection.ts';
import { kindOf } from '../transport/request-kind.ts';
import { SilentConnection } from '../transport/watch-answer.ts';
import type { ClusterPassage } from './cluster-auth.ts';
import { interceptRequests } from './intercept-requests.ts';
import { passageOf } from './passages.ts';

/**
 * Sends a read once more if its connection turns out to be closed or silent, as other HTTP clients do. A write is not
 * sent again, because the server may have processed it. Errors of the transport are thrown instead of client-node's
 * own.
 * @param userAgent of all requests; undefined for that of client-node
 * @returns a function that undoes this
 */
export function resendReads(kubeConfig: KubeConfig, userAgent: string | undefined): () => void {
  return interceptRequests(kubeConfig, ({ httpApi }) => ({
    httpApi: {
      send(request) {
        const passage = passageOf(request);
        passage?.begin();
        // A middleware of client-node 2.x sets its own after the other headers.
        if (passage !== undefined && userAgent !== undefined) request.setHeaderParam('User-Agent', userAgent);
        const first = httpApi.send(request);
        const sendAgain = (): Promise<ResponseContext> => {
          passage?.begin();
          return httpApi.send(request).toPromise();
        };
        const isRepeatable = kindOf(request.getHttpMethod(), request.getUrl(), false).isRepeatable;
        // The Observable class of the installed client-node.
        const Answer = first.constructor as new (answer: Promise<ResponseContext>) => typeof first;
        return new Answer(
          first
            .toPromise()
            .catch((error: unknown) => {
              if (isRepeatable && isLost(passage, error)) return sendAgain();
              throw error;
            })
            .then(
              (answer) => explained(answer, passage),
              (error: unknown) => {
                throw passage?.failure ?? error;
              },
            ),
        );
      },
    },
  }));
}

function isLost(passage: ClusterPassage | undefined, error: unknown): boolean {
  return passage?.failure instanceof SilentConnection || isClosed(error);
}

/** Makes the body of an answer fail with the reason for which ekspress ended the request. */
function explained(answer: ResponseContext, passage: ClusterPassage | undefined): ResponseContext {
  const { body } = answer;
  const text = body.text.bind(body);
  body.text = () =>
    text().catch((error: unknown) => {
      throw passage?.failure ?? error;
    });
  return answer;
}
