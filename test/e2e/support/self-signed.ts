import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/**
 * A certificate for localhost and an address, that is its own authority (X.509, RFC 5280). PEM both.
 * @param ends at the end of next year where absent.
 */
export function selfSigned(ends?: Date, address = '127.0.0.1'): { cert: string; key: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const name = sequence(set(sequence(oid('550403'), tlv(0x0c, Buffer.from('127.0.0.1')))));
  const year = new Date().getUTCFullYear();
  const end = ends?.toISOString().replaceAll(/[-:T]|\.\d+/g, '') ?? `${year + 1}1231235959Z`;
  const validity = sequence(time(`${year - 1}0101000000Z`), time(end));
  const basicConstraints = sequence(oid('551d13'), octets(sequence(tlv(0x01, Buffer.from([0xff])))));
  const hosts = sequence(
    tlv(0x87, Buffer.from(address.split('.').map(Number))),
    tlv(0x82, Buffer.from('localhost')),
  );
  const subjectAltName = sequence(oid('551d11'), octets(hosts));
  const toBeSigned = sequence(
    tlv(0xa0, integer(2)), // v3
    integer(Date.now() % 0x7fffffff),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey,
    tlv(0xa3, sequence(basicConstraints, subjectAltName)),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)]));
  const der = sequence(toBeSigned, ecdsaWithSha256, signature);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** DER (ITU-T X.690): tag, length, value. */
function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length =
    value.length < 0x80
      ? [value.length]
      : value.length < 0x100
        ? [0x81, value.length]
        : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const set = (...parts: Buffer[]) => tlv(0x31, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Buffer) => tlv(0x04, content);
const time = (text: string) => tlv(0x18, Buffer.from(text));

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tlv(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
