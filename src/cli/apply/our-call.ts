import type { Environment } from '../../host.ts';
import { type PluginCall, pluginCall, windowsCall } from '../../kubeconfig/edit/edit-stanza.ts';
import { type EkspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { isWindowsPlugin, windowsFiles } from '../../plugin/windows-files.ts';

/** How a stanza calls the plugin of this machine. */
export function callOf(home: EkspressHome, env: Environment, portable: boolean): PluginCall {
  if (isWindowsPlugin(home.script)) return windowsCall(home.script, windowsFiles(home.script).program);
  return pluginCall(home.script, tilde(home.script, env), portable);
}
