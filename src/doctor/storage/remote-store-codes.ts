import type { Codes } from '../code.ts';

/** What keeps a store that is reached over a network from being used. */
export const REMOTE_STORE_CODES = {
  MB370: {
    severity: 'fail',
    title: 'The store’s bucket does not exist',
    cause: 'The bucket that `--store` names was never made, was deleted, or belongs to another server.',
    evidence: 'S3 answers NoSuchBucket.',
    fix: 'Correct its name or `--s3-endpoint`, or make it: `aws s3 mb`.',
    hides: ['MB401'],
  },
  MB371: {
    severity: 'fail',
    title: 'The store denies what a backup needs',
    cause: 'No policy allows an action that backups take, or one denies it.',
    evidence:
      'The action and the resource that were denied: `s3:ListBucket` of the bucket, `s3:GetObject` or `s3:PutObject` of its objects. Whether objects may be written is asked in such a way that none is: under a condition that no object meets.',
    fix: 'Allow it: docs/stores.md has a policy to paste.',
    hides: ['MB401'],
  },
  MB372: {
    severity: 'fail',
    title: 'The store is in another region',
    cause: 'The bucket lies in another region than AWS_REGION or the profile names, or none is named.',
    evidence:
      'S3 answers PermanentRedirect or AuthorizationHeaderMalformed, often with the region that it wants.',
    fix: '`export AWS_REGION=…`.',
    hides: ['MB401'],
  },
  MB373: {
    severity: 'fail',
    title: 'The clock is too far from the store’s',
    cause: 'This machine’s clock and that of S3 are more than 15 minutes apart: no signature is valid.',
    evidence: 'S3 answers RequestTimeTooSkewed, also after the client allowed for the difference.',
    fix: 'Set the clock that is wrong: compare `date -u` with the Date of the server’s answer.',
    hides: ['MB401'],
  },
  MB374: {
    severity: 'fail',
    title: 'The store’s credentials have expired',
    cause: 'Session credentials (SSO, an assumed role) were valid for some hours, and these are over.',
    evidence: 'S3 answers ExpiredToken.',
    fix: 'Get new ones: `aws sso login`, or as you got these.',
    hides: ['MB401'],
  },
  MB375: {
    severity: 'fail',
    title: 'There are no credentials for the store',
    cause:
      'Neither the environment nor a profile, a role of the pod or the machine gives any; or the one that is named can’t be read.',
    evidence: 'What the AWS SDK’s chain of credentials says.',
    fix: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    hides: ['MB401'],
  },
  MB376: {
    severity: 'fail',
    title: 'The store does not accept the credentials',
    cause:
      'It does not know the access key, the secret key is another’s, or the session token is none of its own. A proxy that changes the request looks the same.',
    evidence: 'S3 answers InvalidAccessKeyId, SignatureDoesNotMatch or InvalidToken.',
    fix: 'See which ones are used (`aws configure list`), and correct them.',
    hides: ['MB401'],
  },
  MB377: {
    severity: 'fail',
    title: 'The store can’t be reached',
    cause:
      'Its name is not in DNS, nothing listens there, no answer comes in time, or the proxy refuses to connect to it.',
    evidence: 'The network’s error, or git’s words about it.',
    fix: 'Check the endpoint or address, the network, HTTPS_PROXY and NO_PROXY.',
    hides: ['MB401'],
  },
  MB378: {
    severity: 'fail',
    title: 'The store’s certificate is not trusted',
    cause: 'A CA signed it that this machine does not know, it is not valid now, or it is of another name.',
    evidence: 'What TLS says.',
    fix: '`export AWS_CA_BUNDLE=/path/to/ca.pem`, for Git `git config --global http.sslCAInfo /path/to/ca.pem`; or mend the certificate.',
    hides: ['MB401'],
  },
  MB379: {
    severity: 'fail',
    title: 'The store refuses a checksum',
    cause:
      'The server got another body than was sent, because a proxy changes what goes through it, or it does not know a checksum header.',
    evidence: 'S3 answers XAmzContentSHA256Mismatch, BadDigest or NotImplemented with the header’s name.',
    fix: 'Take the proxy out of the way (NO_PROXY), or update the server.',
    hides: ['MB401'],
  },
  MB380: {
    severity: 'fail',
    title: 'The store refuses conditional writes',
    cause:
      'Backups are written under the condition that nothing is there yet (If-None-Match), and the server says that it can’t do that.',
    evidence: 'S3 answers NotImplemented to a write with a condition.',
    fix: 'Update the server, or use another one.',
    hides: ['MB401'],
  },
  MB381: {
    severity: 'fail',
    title: 'The store does not encrypt as it was asked to',
    cause:
      '`--s3-sse` asks the server to encrypt, and its answer to a write does not say that it did: some pass over what they don’t know. Every backup fails for that.',
    evidence: 'The answer to a small hidden object, which is removed again.',
    fix: 'Configure encryption on the server; or leave `--s3-sse` out, and seal backups: `--encrypt-to`.',
    hides: ['MB401'],
  },
  MB382: {
    severity: 'warn',
    title: 'The store passes over conditions of writes',
    cause:
      'The server writes over an object although it was asked not to (If-None-Match): of two backups of a release in the same second, one may be written over the other.',
    evidence: 'A small hidden object is written twice; it is removed again.',
    fix: 'Update the server, use another one, or see that one backs up at a time.',
  },
} as const satisfies Codes;
