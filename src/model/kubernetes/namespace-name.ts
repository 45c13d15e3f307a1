import { UsageError } from '../../errors/tool-error.ts';

/** A DNS-1123 label (Kubernetes, "Object Names and IDs"). */
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws UsageError where no namespace can have this name. */
export function assertNamespaceName(name: string): void {
  if (NAME.test(name)) return;
  throw new UsageError(
    `"${name}" is not a namespace's name (lower-case letters, digits and "-", at most 63 characters)`,
  );
}
