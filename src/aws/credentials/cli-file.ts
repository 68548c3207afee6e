import { type Mapping, parseMapping } from '../../system/mapping.ts';
import { Undecidable } from '../undecidable.ts';

/** The JSON object in a file that the AWS CLI writes. @throws Undecidable for a file that the CLI would fail to read */
export function parseCLIFile(path: string, text: string): Mapping {
  const parsed = parseMapping(text);
  if (!parsed) throw notOfCLI(path);
  return parsed;
}

export function notOfCLI(path: string): Undecidable {
  return new Undecidable(`${path} is not what the AWS CLI writes there`);
}
