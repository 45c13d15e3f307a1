/** Stands for a value that only the running pod knows: its IP, a Secret's content. */
export const PER_POD = Symbol('known to the pod alone');

/**
 * Expands $(NAME) in a container's arguments from its env, as the kubelet does; "$$(NAME)" is a literal
 * "$(NAME)", and a name that is not set stays as written
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container, args).
 * @param lookUp the value; {@link PER_POD} where it comes from elsewhere; undefined where there is none.
 * @returns {@link PER_POD} where the text holds such a value.
 */
export function expandArgument(
  text: string,
  lookUp: (name: string) => string | typeof PER_POD | undefined,
): string | typeof PER_POD {
  let perPod = false;
  const expanded = text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (name === undefined) return '$';
    const value = lookUp(name);
    if (value === PER_POD) perPod = true;
    return typeof value === 'string' ? value : match;
  });
  return perPod ? PER_POD : expanded;
}
