import { advice } from '../advice/advice.ts';
import { shell } from '../advice/command.ts';
import { UsageError } from '../errors/tool-error.ts';

/** USER:PASSWORD@ in front of a host, and anything of the kind where a bucket stands: secret keys hold "/" too. */
const CREDENTIALS = /^(?:[a-z][a-z0-9.+-]*:\/\/[^/?#@]*:[^?#]*@|s3:\/\/.*[@:])/i;

/**
 * A location is shown, also in the state of a cluster: it never holds a credential.
 * @throws UsageError where it does, or may; it is not repeated.
 */
export function assertHoldsNoCredentials(location: string): void {
  if (!CREDENTIALS.test(location)) return;
  throw new UsageError(
    'the address of the store holds credentials, or an "@" or ":" that looks like them; it is not shown here',
    {
      untouched: 'nothing was read or written',
      next: advice`take them out of it and revoke them: they may stand in the history of your shell. For S3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for Git let a credential helper give it (${shell('git', 'help', 'credentials')})`,
    },
  );
}
