import type { JSONObject, JSONValue } from './objects.ts';

/** The media type of objects from Go clients, including kubectl 1.32 and later. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The type of a field. */
type FieldType = 'string' | 'bytes' | 'boolean' | 'integer' | 'time' | MessageType;

/** The fields of a message by number, as in the generated.proto files of Kubernetes. */
interface MessageType {
  readonly [number: number]: readonly [name: string, type: FieldType, shape?: 'list' | 'map'];
}

const OBJECT_META: MessageType = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  8: ['creationTimestamp', 'time'],
  11: ['labels', 'string', 'map'],
  12: ['annotations', 'string', 'map'],
  14: ['finalizers', 'string', 'list'],
};

/** The kinds that are supported in this format. Other kinds, such as pods, must be sent as JSON. */
const KINDS: Readonly<Record<string, MessageType>> = {
  Namespace: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['finalizers', 'string', 'list'] }] },
  ConfigMap: {
    1: ['metadata', OBJECT_META],
    2: ['data', 'string', 'map'],
    3: ['binaryData', 'bytes', 'map'],
    4: ['immutable', 'boolean'],
  },
  Secret: {
    1: ['metadata', OBJECT_META],
    2: ['data', 'bytes', 'map'],
    3: ['type', 'string'],
    4: ['stringData', 'string', 'map'],
    5: ['immutable', 'boolean'],
  },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'integer'],
    2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', 'string', 'list'],
  },
  SelfSubjectReview: { 1: ['metadata', OBJECT_META] },
  SelfSubjectRulesReview: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['namespace', 'string'] }] },
  SelfSubjectAccessReview: {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: [
          'resourceAttributes',
          {
            1: ['namespace', 'string'],
            2: ['verb', 'string'],
            3: ['group', 'string'],
            4: ['version', 'string'],
            5: ['resource', 'string'],
            6: ['subresource', 'string'],
            7: ['name', 'string'],
          },
        ],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  },
};

const MAGIC = Buffer.from('k8s\0');
/** The envelope of every object, runtime.Unknown of k8s.io/apimachinery. */
const ENVELOPE: MessageType = {
  1: ['type', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
};

/** The object in a body of type {@link PROTOBUF}; undefined if it is malformed or of an unsupported kind. */
export function decodeKubernetesProtobuf(body: Buffer): JSONObject | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const { type, raw } = decodeMessage(body.subarray(MAGIC.length), ENVELOPE) as { type?: JSONObject; raw?: string };
    const schema = KINDS[String(type?.kind)];
    if (type === undefined || schema === undefined) return undefined;
    return { ...type, ...decodeMessage(Buffer.from(raw ?? '', 'base64'), schema) };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // truncated
    throw error;
  }
}

/** Decodes a message to JSON. Leaves out unknown fields and, like Go's omitempty, empty strings. */
function decodeMessage(bytes: Buffer, schema: MessageType): JSONObject {
  const message: Record<string, JSONValue> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = schema[number];
    if (field === undefined) continue;
    const [name, type, shape] = field;
    if (shape === 'map') {
      const { key = '', entry = '' } = decodeMessage(asBytes(value), { 1: ['key', 'string'], 2: ['entry', type] });
      message[name] = { ...(message[name] as JSONObject | undefined), [String(key)]: entry };
    } else if (shape === 'list') {
      message[name] = [...((message[name] as JSONValue[] | undefined) ?? []), decodeValue(value, type)];
    } else {
      const decoded = decodeValue(value, type);
      if (decoded !== '') message[name] = decoded;
    }
  }
  return message;
}

function decodeValue(value: Buffer | number, type: FieldType): JSONValue {
  switch (type) {
    case 'string':
      return asBytes(value).toString('utf8');
    case 'bytes':
      return asBytes(value).toString('base64');
    case 'boolean':
      return Number(value) !== 0;
    case 'integer':
      return Number(value);
    case 'time': {
      const { seconds = 0 } = decodeMessage(asBytes(value), { 1: ['seconds', 'integer'] });
      return seconds === 0 ? '' : new Date(Number(seconds) * 1000).toISOString();
    }
    default:
      return decodeMessage(asBytes(value), type);
  }
}

function asBytes(value: Buffer | number): Buffer {
  if (typeof value === 'number') throw new RangeError('expected bytes, found a number');
  return value;
}

/** Parses the wire format: a tag (number and wire type), then a varint, 8 bytes, a length and bytes, or 4 bytes. */
function* fieldsOf(bytes: Buffer): Generator<{ number: number; value: Buffer | number }> {
  let at = 0;
  function varint(): number {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new RangeError('a field is truncated');
    at += length;
    return bytes.subarray(at - length, at);
  }
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 1) yield { number, value: take(8) };
    else if (wireType === 2) yield { number, value: take(varint()) };
    else if (wireType === 5) yield { number, value: take(4) };
    else throw new RangeError(`unknown wire type: ${wireType}`);
  }
}
