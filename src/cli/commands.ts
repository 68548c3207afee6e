import type { Command } from './command.ts';

interface CommandEntry {
  readonly name: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of the overview. Each is loaded when it is needed. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'status', load: async () => (await import('./status/command.ts')).status },
  { name: 'apply', load: async () => (await import('./apply/command.ts')).apply },
  { name: 'apply-all', load: async () => (await import('./apply/command.ts')).applyAll },
  { name: 'revert', load: async () => (await import('./apply/revert.ts')).revert },
  { name: 'kubeconfig', load: async () => (await import('./kubeconfig/command.ts')).kubeconfig },
  { name: 'whoami', load: async () => (await import('./whoami/command.ts')).whoami },
  { name: 'login', load: async () => (await import('./login/command.ts')).login },
  { name: 'token', load: async () => (await import('./token/command.ts')).token },
  { name: 'warm', load: async () => (await import('./warm/command.ts')).warm },
  { name: 'doctor', load: async () => (await import('./doctor/command.ts')).doctor },
  { name: 'cache', load: async () => (await import('./cache/command.ts')).cache },
  { name: 'hook', load: async () => (await import('./shell/hook.ts')).hook },
  { name: 'completion', load: async () => (await import('./shell/completion.ts')).completionOf(loadAll) },
  { name: 'mcp', load: async () => (await import('./mcp.ts')).mcp },
  { name: 'version', load: async () => (await import('./version.ts')).version },
  { name: 'demo', load: async () => (await import('./demo/command.ts')).demo },
];

export function loadAll(): Promise<readonly Command[]> {
  return Promise.all(COMMANDS.map(({ load }) => load()));
}
