/** Codes of Node where no connection was made. */
const UNHEARD = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Of OpenSSL, by their beginning: a certificate that is not trusted, not valid now, or another's. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/** What an error of the SDK says, whatever its class. */
export interface AwsError {
  name: string;
  code: string;
  message: string;
  status: number | undefined;
  region: string | undefined;
  /** The header that the server does not know, where it names one. */
  header: string | undefined;
  /** How often it was sent. */
  tries: number;
}

export function isOfCertificate({ code }: AwsError): boolean {
  return CERTIFICATE.test(code);
}

/** Nothing was sent, or the server said no to it, and it was sent but once: an earlier try may have been done unheard. */
export function isRefusal(error: AwsError): boolean {
  const { name, code, status, tries } = error;
  if (tries > 1) return false;
  if (status !== undefined) return status >= 300 && status < 500;
  return name === 'CredentialsProviderError' || isOfCertificate(error) || UNHEARD.has(code);
}

export function awsError(cause: unknown): AwsError {
  const error = (cause ?? {}) as {
    name?: string;
    code?: string;
    message?: string;
    errors?: { code?: string; message?: string }[];
    $metadata?: { httpStatusCode?: number; attempts?: number };
    $response?: { headers?: Record<string, string> };
    Region?: string;
    Header?: string;
  };
  const [first] = error.errors ?? [];
  return {
    name: error.name ?? 'Error',
    code: error.code ?? first?.code ?? '',
    message: error.message || first?.message || String(cause),
    // The SDK makes one up for what had no answer.
    status: error.$response === undefined ? undefined : error.$metadata?.httpStatusCode,
    tries: error.$metadata?.attempts ?? 1,
    region: error.$response?.headers?.['x-amz-bucket-region'] ?? error.Region,
    header: error.Header,
  };
}
