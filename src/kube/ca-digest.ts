import { createHash } from 'node:crypto';

const PEM_BLOCK = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([\s\S]*?)-----END/g;

/**
 * sha256, lower-case hex, of the certificates in a CA file: of their bytes, not of the text around them,
 * so that the same CA has the same digest in a kubeconfig and in a pod's service account.
 */
export function caDigest(pem: Buffer): string {
  const hash = createHash('sha256');
  const blocks = [...pem.toString('latin1').matchAll(PEM_BLOCK)];
  for (const [, base64 = ''] of blocks) hash.update(Buffer.from(base64, 'base64'));
  if (blocks.length === 0) hash.update(pem);
  return hash.digest('hex');
}
