/** A permission of S3, as a policy names it. */
export type S3Action = 's3:ListBucket' | 's3:GetObject' | 's3:PutObject' | 's3:DeleteObject';

/** What was asked of S3. */
export interface S3Request {
  action: S3Action;
  bucket: string;
  /** Of the object; of a listing, what it asks for, which may be "". */
  key: string;
  /** Where the server is: its URL; absent where Amazon's own is meant. */
  endpoint?: string;
  /** Whose credentials it got, where a flag names one. */
  profile?: string;
}

/** What the AWS CLI needs to ask the same server as the same user: " --endpoint-url …"; "" for what it would by itself. */
export function cliFlags({ endpoint, profile }: Pick<S3Request, 'endpoint' | 'profile'>): string[] {
  return [...(endpoint === undefined ? [] : ['--endpoint-url', endpoint]), ...profileFlags({ profile })];
}

/** The same of a command that asks no server of S3. */
export function profileFlags({ profile }: { profile?: string | undefined }): string[] {
  return profile === undefined ? [] : ['--profile', profile];
}
