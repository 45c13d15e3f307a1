import { kubectl } from '../advice/command.ts';
import { ToolError, UnreachableError } from '../errors/tool-error.ts';
import { BeyondLimit } from '../model/json/limits.ts';
import { TooLargeError } from './too-large.ts';
import { DeadlineError } from './transport.ts';

/** TLS errors of Node and OpenSSL that mean "this certificate is not trusted for this server". */
const CERTIFICATE =
  /^(?:CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/**
 * Says why the server can't be reached, from an error of Node's network, TLS or timer.
 * @param isRead nothing was to be changed: an answer that is too large is then an error of what was asked alone. After a
 * write nobody knows what came of it, as after one without an answer.
 */
export function unreachable(
  { server, contextName, isRead }: { server: string; contextName: string; isRead: boolean },
  cause: unknown,
): ToolError {
  if (cause instanceof ToolError) return cause;
  const next =
    contextName === '' || contextName === 'in-cluster'
      ? kubectl('cluster-info')
      : kubectl('cluster-info', '--context', contextName);
  const reason = reasonFor(server, cause);
  if (isRead && cause instanceof BeyondLimit) return new TooLargeError(reason, { cause, next });
  return new UnreachableError(reason, { cause, next });
}

function reasonFor(server: string, cause: unknown): string {
  if (cause instanceof DeadlineError) {
    return `the server ${server} did not answer within ${cause.timeoutMs / 1000} s`;
  }
  if (cause instanceof BeyondLimit) return `the server ${server} sends too much: ${cause.message}`;
  const { code = '', message = String(cause) } = cause as NodeJS.ErrnoException;
  if (CERTIFICATE.test(code)) return `the certificate of ${server} is not trusted: ${message}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `the connection to the server ${server} was refused: is the host and port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the server's name in ${server} can't be looked up (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `the server ${server} closed the connection before it answered`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to the server ${server} (${code})`;
    default:
      return `can't talk to the server ${server}: ${message}`;
  }
}
