/** What a store is, by its location, and whether it lies in the cluster that it protects. */
export interface StorePlace {
  location: string;
  kind: 'folder' | 's3' | 'git' | 'claim';
  /** "unknown": a folder, or a server whose address does not tell. */
  cluster: 'outside' | 'inside' | 'unknown';
}

/**
 * @param location as `--store` names it.
 * @param endpoint of an S3 server other than Amazon's.
 */
export function storePlace(location: string, endpoint?: string): StorePlace {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9.+-]+):(?:\/\/)?(.*)$/is.exec(location) ?? [];
  const kind = scheme.toLowerCase();
  if (kind === 's3') {
    return { location, kind: 's3', cluster: endpoint === undefined ? 'outside' : whereIs(hostOf(endpoint)) };
  }
  if (kind === 'pvc') return { location, kind: 'claim', cluster: 'inside' };
  if (kind === 'git+ssh' || kind === 'git+https') {
    return { location, kind: 'git', cluster: whereIs(hostOf(`${kind.slice(4)}://${rest}`)) };
  }
  if (kind.startsWith('git+')) return { location, kind: 'git', cluster: 'unknown' };
  return { location, kind: 'folder', cluster: 'unknown' };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** A Service's name (Kubernetes, "DNS for Services and Pods") is inside; an address, or a name of one word, may be either. */
function whereIs(host: string | undefined): StorePlace['cluster'] {
  if (host === undefined || !host.includes('.') || /^[\d.]+$/.test(host) || host.startsWith('['))
    return 'unknown';
  return /\.svc(?:\.|$)|\.cluster\.local\.?$/.test(host) ? 'inside' : 'outside';
}
