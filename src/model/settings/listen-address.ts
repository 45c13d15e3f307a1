/** One address of -l, and its own port where it has one. */
export interface ListenAddress {
  host: string;
  port?: number;
}

/**
 * What -l, or `inter` of `stats settings`, names: HOST, HOST:PORT, [IPV6]:PORT, several by commas or semicolons, each
 * with a "notls:" before it or not (memcached.c of 1.6, server_sockets). More than one colon without brackets is IPv6.
 */
export function listenAddresses(inter: string): ListenAddress[] {
  return inter.split(/[,;]/).flatMap((text) => {
    const address = text.trim().replace(/^notls:/i, '');
    if (address === '') return [];
    const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(address) ?? [];
    if (host === undefined) return [{ host: address }];
    return [
      { host: host.replace(/^\[(.*)\]$/, '$1'), ...(port === undefined ? {} : { port: Number(port) }) },
    ];
  });
}

/** 127.0.0.0/8 and ::1, whatever port. */
export function isLoopback({ host }: ListenAddress): boolean {
  return /^(?:127\.|localhost$|::1$)/.test(host);
}

/** Whether memcached listens there where a port-forward ends: at the pod's localhost. */
export function isHeardLocally(address: ListenAddress): boolean {
  return isLoopback(address) || isEveryAddress(address);
}

/** memcached.c: `*` and NULL are INADDR_ANY. */
function isEveryAddress({ host }: ListenAddress): boolean {
  return /^(?:0\.0\.0\.0|::|\*|NULL|)$/.test(host);
}
