/** How help spells a command; {@link spellInvocation} says it in the user's own words. */
export const KUBECTL_PLUGIN = 'kubectl memcached-backup';

/**
 * What is spelled so already stays.
 * @param invocation how the user calls us.
 */
export function spellInvocation(text: string, invocation: string): string {
  const others = text.split(invocation);
  // A function, for of a string `$&` would be taken for a pattern.
  return others.map((part) => part.replaceAll(KUBECTL_PLUGIN, () => invocation)).join(invocation);
}
