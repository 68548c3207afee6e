import { statSync } from 'node:fs';
import { MintMemory } from '../../src/aws/context/mint-memory.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../src/host.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { mintInProcess } from './mint-in-process.ts';

// A process of ours that makes two tokens: the first one loads modules, the second one lies between two looks at files that
// name its beginning and its end. It prints what that one has recorded. argv = environment as JSON, arguments of `aws`.
const [text = '{}', ...args] = process.argv.slice(2);
const env = JSON.parse(text);
const config = parseExecConfig({ command: 'aws', args });
const mint = async () => {
  const recorder = new Recorder(env);
  const outcome = await mintInProcess({ config, host: hostFrom({ env }), recorder, memory: new MintMemory() }).catch(
    (error: Error) => ({ kind: error.message }),
  );
  return { recorder, outcome };
};
await mint();
statSync('/begin-of-mint', { throwIfNoEntry: false });
const { recorder, outcome } = await mint();
statSync('/end-of-mint', { throwIfNoEntry: false });
const { files, lookUps } = recorder.facts();
console.log(JSON.stringify({ kind: outcome.kind, files: [...files.keys()], lookUps: [...lookUps.keys()] }));
