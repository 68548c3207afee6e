import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its private key, both PEM, as `tls.createSecureContext` takes them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority in memory. Its key is never written to disk. */
export interface CertificateAuthority {
  /** The authority's own certificate, PEM, which clients must trust. */
  readonly certificate: string;
  /** A server certificate for host names and IP addresses; the first one is the common name. */
  issue(hosts: readonly [string, ...string[]]): ServerCertificate;
}

// A long validity, so that clients with a frozen or shifted clock accept it too. UTCTime ends in 2049.
const NOT_BEFORE = '000101000000Z';
const NOT_AFTER = '491231235959Z';

const OID = {
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** Makes a new authority (ECDSA P-256). Takes about a millisecond. */
export function createCertificateAuthority(commonName = 'ekspress testing'): CertificateAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyId = keyIdentifier(own.publicKey);
  const certificate = signCertificate({
    issuer: commonName,
    subject: commonName,
    publicKey: own.publicKey,
    signingKey: own.privateKey,
    extensions: [
      extension(OID.basicConstraints, sequence(boolean(true)), true),
      extension(OID.keyUsage, bitString(Buffer.from([0b0000_0110]), 1), true), // keyCertSign, cRLSign
      extension(OID.subjectKeyIdentifier, octetString(keyId)),
    ],
  });
  return {
    certificate,
    issue(hosts) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = signCertificate({
        issuer: commonName,
        subject: hosts[0].slice(0, 64), // X.520 allows 64 characters. Clients check the names in the SAN.
        publicKey: pair.publicKey,
        signingKey: own.privateKey,
        extensions: [
          extension(OID.basicConstraints, sequence(), true),
          extension(OID.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true), // digitalSignature
          extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuth))),
          extension(OID.subjectAltName, sequence(...hosts.map(generalName))),
          extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(pair.publicKey))),
          // Python 3.13 refuses certificates without an authority key identifier.
          extension(OID.authorityKeyIdentifier, sequence(tagged(0x80, keyId))),
        ],
      });
      return { cert, key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

interface CertificateRequest {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 §4.1: TBSCertificate, its algorithm and its signature, as PEM. */
function signCertificate(request: CertificateRequest): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSHA256));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, positiveSerial()),
    algorithm,
    name(request.issuer),
    sequence(tagged(0x17, Buffer.from(NOT_BEFORE)), tagged(0x17, Buffer.from(NOT_AFTER))),
    name(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...request.extensions)),
  );
  const signature = sign('sha256', body, { key: request.signingKey, dsaEncoding: 'der' });
  const base64 = sequence(body, algorithm, bitString(signature)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** 16 random bytes that DER reads as a positive number without a leading zero byte. */
function positiveSerial(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return serial;
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function name(commonName: string): Buffer {
  const attribute = sequence(objectIdentifier(OID.commonName), tagged(0x0c, Buffer.from(commonName)));
  return sequence(tagged(0x31, attribute));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** A SAN entry: iPAddress [7] for IPv4 and IPv6 addresses, else dNSName [2]. */
function generalName(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return tagged(0x87, Buffer.from(host.split('.').map(Number)));
    case 6:
      return tagged(0x87, ipv6Bytes(host));
    default:
      return tagged(0x82, Buffer.from(host));
  }
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

// DER (X.690): tag, length, content.

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0x00]));
}

function octetString(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function bitString(content: Buffer, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));
}

function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Seven bits per byte, most significant first, with the top bit set on all bytes but the last. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
