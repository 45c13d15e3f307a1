/**
 * Functions of Helm's templates that give something else each time, or what only the cluster knows
 * (helm.sh/docs/chart_template_guide/function_list).
 */
const FUNCTIONS =
  /\b(?:rand(?:AlphaNum|Alpha|Ascii|Numeric|Bytes|Int)|shuffle|uuidv4|gen(?:CA|SelfSignedCert|SignedCert|PrivateKey)\w*|htpasswd|bcrypt|encryptAES|now|lookup|getHostByName)\b/g;

/** `helm template` has no cluster, and always renders revision 1. */
const BUILT_IN = /\.Capabilities\.\w+|\.Release\.Revision\b/g;

/** Which parts of a template make its rendering differ from time to time or from cluster to cluster. */
export function unrepeatable(template: string): string[] {
  const actions = template.match(/\{\{[\s\S]*?\}\}/g) ?? [];
  const code = actions.filter((action) => !/^\{\{-?\s*\/\*/.test(action)).join('\n');
  return [...new Set([...(code.match(FUNCTIONS) ?? []), ...(code.match(BUILT_IN) ?? [])])];
}
