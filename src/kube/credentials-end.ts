import { X509Certificate } from 'node:crypto';
import type { Connection } from './connection.ts';
import type { Credentials } from './credentials.ts';

/** When what proves who we are stops doing so. */
export interface CredentialsEnd {
  what: 'client certificate' | 'token';
  at: Date;
}

/**
 * The earlier end of a client certificate and of a token that is a JWT (RFC 7519, `exp`); undefined where
 * neither is known, and where something renews them: an exec plugin, an auth provider, a token file.
 */
export function credentialsEnd(
  { user }: Pick<Connection, 'user'>,
  { cert }: Pick<Credentials, 'cert'>,
): CredentialsEnd | undefined {
  if (user.exec !== undefined || user.authProvider !== undefined) return undefined;
  const ends: CredentialsEnd[] = [];
  if (cert !== undefined) ends.push({ what: 'client certificate', at: certificateEnd(cert) });
  const expires = user.token === undefined ? undefined : jwtExpiry(user.token);
  if (expires !== undefined) ends.push({ what: 'token', at: expires });
  return ends.sort((a, b) => a.at.getTime() - b.at.getTime())[0];
}

function certificateEnd(pem: string | Buffer): Date {
  return new Date(new X509Certificate(pem).validTo);
}

function jwtExpiry(token: string): Date | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? new Date(exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
