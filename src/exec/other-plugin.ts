import { formatExecCredential } from '../aws/command/exec-credential.ts';
import { askedApiVersion } from '../aws/command/exec-info.ts';
import { obtainPluginCredential, type PluginRequest } from '../aws/command/obtain-plugin-credential.ts';
import { EXIT_FAILED } from '../cache/rules.ts';

/**
 * Prints the credential of another plugin. If the plugin failed or printed nothing, its status is printed instead.
 * @returns the exit status: after {@link EXIT_FAILED} the script reads the number on stdout and ends with it
 */
export async function printPluginAnswer(request: PluginRequest): Promise<number> {
  const answer = await obtainPluginCredential(request);
  if (answer.kind === 'verbatim') {
    const printed = answer.stdout.trim() !== '';
    if (answer.status === 0 && printed) process.stdout.write(answer.stdout);
    else process.stdout.write(`${answer.status}\n`);
    return answer.status === 0 && printed ? 0 : EXIT_FAILED;
  }
  request.host.logger.debug('answered', { via: answer.via, expiresAt: answer.credential.expiresAt?.toISOString() });
  const { apiVersion } = askedApiVersion(request.host.env.KUBERNETES_EXEC_INFO);
  process.stdout.write(`${formatExecCredential(apiVersion, answer.credential)}\n`);
  return 0;
}
