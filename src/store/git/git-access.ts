/** How a store in Git is used. */
export interface GitAccess {
  /** --allow-plain-secrets */
  allowPlainSecrets?: boolean;
  /** Somebody can answer git's questions, for a passphrase or a host key. */
  isTerminal?: boolean;
  /** Tells the user what speaks against what was asked for. */
  warn?: (text: string) => void;
}
