import { randomUUID } from 'node:crypto';
import type { AWSError, AWSReply } from './aws-request.ts';

/** The nested fields of an answer. */
export interface StsFields {
  readonly [name: string]: string | StsFields;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** An answer in XML, or in JSON if the `Accept` header asks for it, as the EKS control plane does. */
export function stsReply(operation: string, fields: StsFields, accept: string | undefined): AWSReply {
  const body = { [`${operation}Result`]: fields, ResponseMetadata: { RequestId: randomUUID() } };
  return render(200, `${operation}Response`, body, accept);
}

/** An error reply in the same formats. */
export function stsRefusal({ status, code, message }: AWSError, accept: string | undefined): AWSReply {
  const body = {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: randomUUID(),
  };
  if (wantsJSON(accept)) return { status, contentType: 'application/json', body: JSON.stringify(body) };
  return render(status, 'ErrorResponse', body, accept);
}

function render(status: number, root: string, fields: StsFields, accept: string | undefined): AWSReply {
  if (wantsJSON(accept)) return { status, contentType: 'application/json', body: JSON.stringify({ [root]: fields }) };
  return { status, contentType: 'text/xml', body: `<${root} xmlns="${NAMESPACE}">\n${toXML(fields)}</${root}>\n` };
}

function wantsJSON(accept = ''): boolean {
  return accept.startsWith('application/json');
}

function toXML(fields: StsFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escapeXML(value) : toXML(value)}</${name}>\n`)
    .join('');
}

function escapeXML(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
