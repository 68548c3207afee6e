import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../host.ts';
import { runProgram } from '../system/run-program.ts';

/** The rights of a file or folder by which its content, its name or its rights are changed. */
const CHANGING = 0x2 | 0x4 | 0x40 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;

/** The rights by their names in the security descriptor language of Windows. */
const RIGHTS: Readonly<Record<string, number>> = {
  ...{ CC: 0x1, DC: 0x2, LC: 0x4, SW: 0x8, RP: 0x10, WP: 0x20, DT: 0x40, LO: 0x80, CR: 0x100 },
  ...{ SD: 0x1_0000, RC: 0x2_0000, WD: 0x4_0000, WO: 0x8_0000 },
  ...{ GA: 0x1000_0000, GX: 0x2000_0000, GW: 0x4000_0000, GR: 0x8000_0000 },
  ...{ FA: 0x1f_01ff, FR: 0x12_0089, FW: 0x12_0116, FX: 0x12_00a0 },
};

/** The system, administrators, the owner, and the service that installs Windows: they may change every file anyway. */
const TRUSTED =
  /^(?:SY|BA|LA|DA|EA|CO|OW|S-1-5-18|S-1-5-32-544|S-1-3-[04]|S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)$/;

/**
 * Who besides a user may change a file, by its access list in the security descriptor language (`D:PAI(A;OICI;FA;;;SY)…`).
 * @param own - the identifier of the user, `S-1-5-21-…`
 * @returns identifiers; `WD` (everyone) where there is no list
 */
export function otherWritersIn(descriptor: string, own: string): readonly string[] {
  const [, list] = /D:([A-Z_]*(?:\([^)]*\))*)/.exec(descriptor) ?? [];
  if (list === undefined || list.startsWith('NO_ACCESS_CONTROL')) return ['WD'];
  const found = new Set<string>();
  for (const [, type = '', rights = '', who = ''] of list.matchAll(
    /\(([^;]*);[^;]*;([^;]*);[^;]*;[^;]*;([^;)]*)[^)]*\)/g,
  )) {
    if (!/^X?O?A$/.test(type) || TRUSTED.test(who) || who === own) continue;
    if ((bitsOf(rights) & CHANGING) !== 0) found.add(who);
  }
  return [...found];
}

function bitsOf(rights: string): number {
  if (/^0x/i.test(rights)) return Number(rights);
  // A right without a known name counts as all of them.
  return (rights.match(/../g) ?? []).reduce((bits, name) => bits | (RIGHTS[name] ?? CHANGING), 0);
}

/**
 * Who besides this user may change a folder.
 * @returns undefined where the system does not tell
 */
export async function otherWritersAt(folder: string, env: Environment): Promise<readonly string[] | undefined> {
  const system = join(env.SYSTEMROOT || 'C:\\Windows', 'System32');
  const temporary = await mkdtemp(join(tmpdir(), 'ekspress-rights-'));
  try {
    const saved = join(temporary, 'list');
    await runProgram({ command: join(system, 'icacls.exe'), args: [folder, '/save', saved], env, timeoutMs: 10_000 });
    const descriptor = (await readFile(saved, 'utf16le')).split('\n')[1];
    const asked = { command: join(system, 'whoami.exe'), args: ['/user', '/fo', 'csv', '/nh'], env, timeoutMs: 10_000 };
    const outcome = await runProgram(asked);
    const told = outcome.kind === 'exited' ? outcome.stdout.toString('latin1') : '';
    const [own] = /S-1-[\d-]+/.exec(told) ?? [];
    return descriptor === undefined || own === undefined ? undefined : otherWritersIn(descriptor, own);
  } catch {
    return undefined;
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}
