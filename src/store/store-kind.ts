/** What a store is, by how the user named it. */
export type StoreKind = 'folder' | 'archive' | 's3' | 'git' | 'pvc';

export function storeKind(location: string): StoreKind {
  const [, scheme] = /^(s3|git|pvc)(?:\+[a-z]+)?:/i.exec(location) ?? [];
  if (scheme !== undefined) return scheme.toLowerCase() as StoreKind;
  return /\.(?:tar\.gz|tgz)$/.test(location) ? 'archive' : 'folder';
}
