/** What -l names, "127.0.0.1", "[::1]:11211", as `stats settings` prints it too. */
export function isLoopback(address: string): boolean {
  return /^(?:127\.|localhost|::1|\[::1\])/.test(address);
}

/** Whether memcached listens where a port-forward ends: at the pod's localhost. */
export function isHeardLocally(addresses: readonly string[]): boolean {
  return addresses.length === 0 || addresses.some((each) => isLoopback(each) || isEveryAddress(each));
}

/** memcached.c: `*` and NULL are INADDR_ANY. */
function isEveryAddress(address: string): boolean {
  return /^(?:0\.0\.0\.0|::|\[::\]|\*|NULL)(?::\d+)?$/.test(address);
}
