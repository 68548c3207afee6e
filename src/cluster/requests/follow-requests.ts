import type { Configuration, KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { pathAndQuery, readURL } from '../../aws/http/read-url.ts';
import type { Changes } from './changes.ts';
import { interceptRequests } from './intercept-requests.ts';
import { passageOf } from './passages.ts';

/** The classes of client-node that are needed here. */
type ClientNode = Pick<typeof import('@kubernetes/client-node'), 'ServerConfiguration' | 'wrapHttpLibrary'>;

/** The server and the change count when a request began. */
interface Start {
  readonly server: string;
  readonly count: number;
}

/**
 * Makes the API clients of a KubeConfig follow its changes. A request goes to the server that the KubeConfig names at
 * that moment. A request that is refused or cannot connect is sent once more if the KubeConfig has changed meanwhile.
 */
export function followRequests(clientNode: ClientNode, kubeConfig: KubeConfig, changes: Changes): void {
  const serverNow = (): string => kubeConfig.getCurrentCluster()?.server ?? '';
  interceptRequests(kubeConfig, ({ baseServer, httpApi, authMethods }) => {
    const starts = new WeakMap<RequestContext, Start>();
    const standard = authMethods.default;
    const note = (request: RequestContext): void => {
      starts.set(request, { server: serverNow(), count: changes.count() });
    };
    const following: Configuration['baseServer'] = Object.assign(Object.create(baseServer), {
      makeRequestContext(endpoint: string, method: Parameters<typeof baseServer.makeRequestContext>[1]) {
        const server = new clientNode.ServerConfiguration(serverNow(), {});
        const request = server.makeRequestContext(endpoint, method);
        note(request);
        return request;
      },
    });
    /** Moves a request to the current server and identity. @returns false where nothing changed since it began */
    const restarted = async (request: RequestContext): Promise<boolean> => {
      const before = starts.get(request);
      if (before === undefined || !(await changes.since(before.count))) return false;
      moveTo(request, before.server, serverNow());
      for (const name of Object.keys(request.getHeaders())) {
        if (/^(authorization|impersonate-.*)$/i.test(name)) delete request.getHeaders()[name];
      }
      note(request);
      await standard?.applySecurityAuthentication(request);
      return true;
    };
    return {
      baseServer: following,
      authMethods: {
        ...authMethods,
        ...(standard && {
          default: {
            getName: () => standard.getName(),
            async applySecurityAuthentication(request) {
              try {
                await standard.applySecurityAuthentication(request);
              } catch (error) {
                if (!(await restarted(request))) throw error;
              }
            },
          },
        }),
      },
      httpApi: clientNode.wrapHttpLibrary({
        async send(request) {
          let answer: ResponseContext;
          try {
            answer = await httpApi.send(request).toPromise();
          } catch (error) {
            if (passageOf(request)?.sent !== false || !(await restarted(request))) throw error;
            return httpApi.send(request).toPromise();
          }
          if (answer.httpStatusCode !== 401 || !(await restarted(request))) return answer;
          // An unread body keeps its connection busy.
          await answer.body.text();
          return httpApi.send(request).toPromise();
        },
      }),
    };
  });
}

function moveTo(request: RequestContext, from: string, to: string): void {
  if (from === to) return;
  const { path, query } = pathAndQuery(request.getUrl());
  const base = (readURL(from)?.pathname ?? pathAndQuery(from).path).replace(/(?<!\/)\/+$/, '');
  request.setUrl(`${to.replace(/(?<!\/)\/+$/, '')}${path.slice(base.length)}${query}`);
}
