import type { Configuration, KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { pathAndQuery } from '../../aws/http/read-url.ts';
import type { ClusterAuth } from './cluster-auth.ts';
import { interceptRequests } from './intercept-requests.ts';
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
        // pipe() returns the Observable class of the installed client-node.
        return httpApi.send(request).pipe(async (response) => {
          // The passage is read before the body: the server decides how long the body takes, and the kubeconfig may
          // change meanwhile.
          const passage = passageOf(request);
          if (passage === undefined || passage.away) return response;
          if (passage.token === undefined) {
            if (response.httpStatusCode === 401) auth.certificateRefused(passage);
            return response;
          }
          if (!(await isRefusal(request, response))) return response;
          let answer = response;
          const resend = async (token: string): Promise<boolean> => {
            request.setHeaderParam('Authorization', passage.authorize(token));
            answer = await httpApi.send(request).toPromise();
            return !(await isRefusal(request, answer));
          };
          await auth.heal(passage, resend, { signal: request.getSignal(), serverTime: () => dateOf(answer) });
          return answer;
        });
      },
    },
  };
}

function dateOf({ headers }: ResponseContext): Date | undefined {
  const time = Date.parse(headers.date ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** Whether the API server itself answered 401. A service behind its proxy paths may do so for its own reasons. */
async function isRefusal(request: RequestContext, response: ResponseContext): Promise<boolean> {
  if (response.httpStatusCode !== 401) return false;
  if (!/\/proxy(\/|$)/.test(pathAndQuery(request.getUrl()).path)) return true;
  // The body can be read only once, so later readers get this text.
  const text = await response.body.text();
  Object.assign(response.body, { text: async () => text, binary: async () => Buffer.from(text) });
  return /"kind"\s*:\s*"Status"/.test(text) && /"reason"\s*:\s*"Unauthorized"/.test(text);
}
