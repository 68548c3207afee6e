import type { Configuration, KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { pathAndQuery } from '../../aws/http/read-url.ts';
import type { ClusterAuth } from './cluster-auth.ts';
import { interceptRequests } from './intercept-requests.ts';
import { isRefusal, serverTimeIn } from './is-refusal.ts';
import { passageOf } from './passages.ts';

/**
 * Makes the API clients of a KubeConfig replace a refused token (401) and send the request once more. Requests with
 * other credentials are not changed.
 * @returns a function that undoes this
 */
export function healRequests(kubeConfig: KubeConfig, auth: ClusterAuth): () => void {
  return interceptRequests(kubeConfig, (configuration) => healing(configuration, auth));
}

function healing({ httpApi }: Configuration, auth: ClusterAuth): Partial<Configuration> {
  return {
    httpApi: {
      send(request) {
        const sent = httpApi.send(request);
        // The message changes in the error itself, before the callers of the Observable get it.
        auth.answer(sent.toPromise()).catch(() => undefined);
        // pipe() returns the Observable class of the installed client-node.
        return sent.pipe(async (response) => {
          // The passage is read before the body: the server decides how long the body takes, and the kubeconfig may
          // change meanwhile.
          const passage = passageOf(request);
          if (passage === undefined || passage.away) return response;
          if (passage.token === undefined) {
            if (response.httpStatusCode === 401) auth.certificateRefused(passage);
            return response;
          }
          if (!(await isRefused(request, response))) return response;
          let answer = response;
          const resend = async (token: string): Promise<boolean> => {
            request.setHeaderParam('Authorization', passage.authorize(token));
            answer = await auth.answer(httpApi.send(request).toPromise());
            return !(await isRefused(request, answer));
          };
          await auth.heal(passage, resend, {
            signal: request.getSignal(),
            serverTime: () => serverTimeIn(answer.headers.date),
          });
          return answer;
        });
      },
    },
  };
}

function isRefused(request: RequestContext, { httpStatusCode, body }: ResponseContext): Promise<boolean> {
  return isRefusal(pathAndQuery(request.getUrl()).path, httpStatusCode, async () => {
    // The body can be read only once, so later readers get this text.
    const text = await body.text();
    Object.assign(body, { text: async () => text, binary: async () => Buffer.from(text) });
    return text;
  });
}
