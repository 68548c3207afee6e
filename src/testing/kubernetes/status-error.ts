import type { JSONObject } from './objects.ts';

/** An error of the Kubernetes API: an HTTP code and a `Status` object. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JSONObject | undefined;

  constructor(code: number, reason: string, message: string, details?: JSONObject) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  toStatus(): JSONObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** The parts of a resource type that messages use. */
interface NamedType {
  readonly plural: string;
  readonly kind: string;
}

/** An invalid field, for {@link invalid}. */
export interface FieldCause {
  readonly reason: 'FieldValueRequired' | 'FieldValueInvalid';
  readonly message: string;
  readonly field: string;
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/** A denied action, in the words of the RBAC authorizer. */
export function forbidden(
  username: string,
  verb: string,
  plural: string,
  name?: string,
  namespace?: string,
): StatusError {
  const subject = name === undefined ? plural : `${plural} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `${subject} is forbidden: User "${username}" cannot ${verb} resource "${plural}" in API group "" ${where}`;
  return new StatusError(403, 'Forbidden', message, { ...(name === undefined ? {} : { name }), kind: plural });
}

/** An unknown path. */
export function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function notFound(type: NamedType, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${type.plural} "${name}" not found`, { name, kind: type.plural });
}

export function methodNotAllowed(method: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `the server does not allow this method on the requested resource: ${method}`,
    {},
  );
}

export function alreadyExists(type: NamedType, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${type.plural} "${name}" already exists`, { name, kind: type.plural });
}

/** An update that is based on another version than the stored one. */
export function conflict(type: NamedType, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${type.plural} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, { name, kind: type.plural });
}

/** A watch or list from a version that is no longer in the history. */
export function expired(requested: number, oldest: number): StatusError {
  return new StatusError(410, 'Expired', `too old resource version: ${requested} (${oldest})`);
}

export function unsupportedMediaType(contentType: string, accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format (${contentType}) - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

export function invalid(type: NamedType, name: string, causes: readonly FieldCause[]): StatusError {
  const list = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
  const details = { name, kind: type.kind, causes: causes.map((cause) => ({ ...cause })) };
  return new StatusError(422, 'Invalid', `${type.kind} "${name}" is invalid: ${text}`, details);
}
